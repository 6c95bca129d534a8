import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearestKey, nearestWord } from '../../../src/settings/nearest.js';

test('the distance of two texts is the number of characters to insert, remove or replace', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('abc', ''), 3);
  assert.equal(editDistance('same', 'same'), 0);
});

test('the nearest word is the one with the least distance', () => {
  assert.equal(nearestWord('verfy', ['crc', 'verify']), 'verify');
  assert.equal(nearestWord('CRC', ['crc', 'verify']), 'crc');
});

test('a word that resembles none has no nearest', () => {
  assert.equal(nearestWord('aes', ['crc', 'verify']), undefined);
  assert.equal(nearestWord('xy', ['ca']), undefined);
});

const KEYS = ['log.level', 'device.id', 'client.period', 'client.link.path', 'sinks.homie.mqtt.url', 'mqtt.url'];

test('the nearest key is the one that is spelt nearly alike', () => {
  assert.equal(nearestKey('client.perod', KEYS), 'client.period');
  assert.equal(nearestKey('clent.period', KEYS), 'client.period');
});

test('a key in the wrong section is found by its name', () => {
  assert.equal(nearestKey('client.path', KEYS), 'client.link.path');
  assert.equal(nearestKey('level', KEYS), 'log.level');
});

test('of two keys with the name, the nearest is the one in the section that resembles more', () => {
  assert.equal(nearestKey('url', KEYS), 'mqtt.url');
  assert.equal(nearestKey('sinks.homie.url', KEYS), 'sinks.homie.mqtt.url');
});

test('part of a name stands for the whole, beside it', () => {
  assert.equal(nearestKey('mqtt.user', ['mqtt.url', 'mqtt.username']), 'mqtt.username');
  assert.equal(nearestKey('client.key', ['mqtt.key', 'client.encryption_key']), 'client.encryption_key');
});

test('a key that resembles none has no nearest', () => {
  assert.equal(nearestKey('client.colour', KEYS), undefined);
});
