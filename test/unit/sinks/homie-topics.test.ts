import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceTopic, propertyTopic, stateTopic } from '../../../src/sinks/homie-topics.js';

test('topics are <root>/<device>/<node>/<property>, as the predecessor had them', () => {
  assert.equal(deviceTopic('homie', 'heat-smart-meter'), 'homie/heat-smart-meter');
  assert.equal(stateTopic('homie', 'heat-smart-meter'), 'homie/heat-smart-meter/$state');
  assert.equal(propertyTopic('homie', 'heat-smart-meter', 'flow/volume'), 'homie/heat-smart-meter/flow/volume');
});
