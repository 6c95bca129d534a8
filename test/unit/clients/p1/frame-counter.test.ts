import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameCounterGuard, type AcceptedFrame } from '../../../../src/clients/p1/frame-counter.js';

/** Counter and meter time in seconds of each frame; `+n` for accepted with n missing before it, `-` for replayed. */
function judge(frames: readonly (readonly [counter: number, second?: number])[], last?: AcceptedFrame): string {
  const guard = new FrameCounterGuard(last);
  const verdicts = frames.map(([counter, second]) => {
    const verdict = guard.judge({ counter, measuredAt: second === undefined ? undefined : second * 1_000 });
    return verdict.kind === 'accepted' ? `+${verdict.missing}` : '-';
  });
  return verdicts.join(' ');
}

test('a rising counter is accepted', () => {
  assert.equal(
    judge([
      [5726, 0],
      [5727, 10],
      [5728, 20],
    ]),
    '+0 +0 +0',
  );
});

test('a gap counts the frames that are missing', () => {
  assert.equal(
    judge([
      [5726, 0],
      [5730, 40],
      [5731, 50],
    ]),
    '+0 +3 +0',
  );
});

test('the same counter and a lower one are replays', () => {
  assert.equal(
    judge([
      [5726, 0],
      [5726, 0],
      [5725, -10],
      [5727, 10],
    ]),
    '+0 - - +0',
  );
});

test('a counter from before the start of the program still refuses replays, and its gap is not counted', () => {
  const last = { counter: 5726, measuredAt: 0 };
  assert.equal(
    judge(
      [
        [5720, -60],
        [6000, 2_740],
        [6002, 2_760],
      ],
      last,
    ),
    '- +0 +1',
  );
});

test('a counter that started again is accepted with the third later frame in a row', () => {
  assert.equal(
    judge([
      [5726, 0],
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 40],
    ]),
    '+0 - - +0 +0',
  );
});

test('a restart may lose frames', () => {
  assert.equal(
    judge([
      [5726, 0],
      [1, 10],
      [3, 30],
      [9, 90],
    ]),
    '+0 - - +0',
  );
});

test('recorded frames never make a restart, however many: their times are not later', () => {
  assert.equal(
    judge([
      [5726, 100],
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 100],
    ]),
    '+0 - - - -',
  );
});

test('a recorded frame between them starts the evidence anew', () => {
  assert.equal(
    judge([
      [5726, 100],
      [1, 110],
      [2, 120],
      [5000, 90],
      [3, 130],
      [4, 140],
      [5, 150],
    ]),
    '+0 - - - - - +0',
  );
});

test('counters that do not rise make no restart', () => {
  assert.equal(
    judge([
      [5726, 0],
      [7, 10],
      [7, 20],
      [6, 30],
      [5, 40],
    ]),
    '+0 - - - -',
  );
});

test('a good frame between them ends the suspicion', () => {
  assert.equal(
    judge([
      [5726, 0],
      [1, 10],
      [2, 20],
      [5727, 25],
      [3, 30],
    ]),
    '+0 - - +0 -',
  );
});

test('without a meter time there is no evidence of a restart', () => {
  assert.equal(judge([[5726, 0], [1], [2], [3]]), '+0 - - -');
  assert.equal(judge([[5726], [1, 10], [2, 20], [3, 30]]), '+0 - - -');
});

test('a replay is told by both counters', () => {
  const guard = new FrameCounterGuard({ counter: 5726, measuredAt: 100 });
  assert.deepEqual(guard.judge({ counter: 5000, measuredAt: 50 }), { kind: 'replayed', detail: 'frame counter 5000 after 5726' });
  assert.deepEqual(guard.judge({ counter: 1, measuredAt: 150 }), {
    kind: 'replayed',
    detail: 'frame counter 1 after 5726, though of a later time: believed from the 3rd such frame in a row on',
  });
});

test('the highest counter is accepted', () => {
  assert.equal(
    judge([
      [0xffff_fffe, 0],
      [0xffff_ffff, 10],
    ]),
    '+0 +0',
  );
});
