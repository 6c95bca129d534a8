import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { askSecret } from '../../../src/commands/ask.js';

/** A terminal at which somebody types. */
class Keyboard extends EventEmitter {
  readonly isTTY = true;
  raw = false;
  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  resume(): void {
    // Nothing is kept back.
  }
  pause(): void {
    // Nothing is kept back.
  }
  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}

function ask(keyboard: Keyboard) {
  let shown = '';
  const context = { stdin: () => keyboard as unknown as NodeJS.ReadStream, stderr: (text: string) => (shown += text) };
  return { answer: askSecret('key', context), shown: () => shown };
}

test('what is typed is taken, corrected and never shown', async () => {
  const keyboard = new Keyboard();
  const { answer, shown } = ask(keyboard);
  assert.equal(keyboard.raw, true);
  keyboard.type('secrex');
  keyboard.type('\x7ft\r');
  assert.equal(await answer, 'secret');
  assert.deepEqual([shown(), keyboard.raw, keyboard.listenerCount('data')], ['key (not shown): \n', false, 0]);
});

test('Ctrl-C gives up and leaves the terminal as it was', async () => {
  const keyboard = new Keyboard();
  const { answer } = ask(keyboard);
  keyboard.type('sec\x03');
  await assert.rejects(answer, { name: 'Failure', exitCode: 64 });
  assert.equal(keyboard.raw, false);
});
