import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { askSecrets } from '../../../src/commands/ask.js';

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
  return { answer: askSecrets(['key', 'other key'], context), shown: () => shown };
}

test('what is typed is taken, corrected and never shown', async () => {
  const keyboard = new Keyboard();
  const { answer, shown } = ask(keyboard);
  assert.equal(keyboard.raw, true);
  keyboard.type('secrex');
  keyboard.type('\x7ft\r');
  keyboard.type('\r');
  assert.deepEqual(await answer, ['secret', '']);
  assert.equal(shown(), 'key (not shown): \nother key (not shown): \n');
  assert.deepEqual([keyboard.raw, keyboard.listenerCount('data')], [false, 0]);
});

test('both answers may be pasted at once', async () => {
  const keyboard = new Keyboard();
  const { answer } = ask(keyboard);
  keyboard.type('one\r\ntwo\r\n');
  assert.deepEqual(await answer, ['one', 'two']);
});

test('Ctrl-C gives up and leaves the terminal as it was', async () => {
  const keyboard = new Keyboard();
  const { answer } = ask(keyboard);
  keyboard.type('sec\x03');
  await assert.rejects(answer, { name: 'Failure', exitCode: 64 });
  assert.equal(keyboard.raw, false);
});
