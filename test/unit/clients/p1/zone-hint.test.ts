import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoneHint } from '../../../../src/clients/p1/zone-hint.js';

for (const [zone, hoursAhead, hint] of [
  ['Europe/Amsterdam', 1, 'a zone of UTC+02:00 in winter, such as "Europe/Helsinki", would fit'],
  ['Europe/Helsinki', -1, 'a zone of UTC+01:00 in winter, such as "Europe/Vienna", would fit'],
  ['Europe/London', 1, 'a zone of UTC+01:00 in winter, such as "Europe/Vienna", would fit'],
  ['Europe/Vienna', -2, 'a zone of UTC-01:00 in winter, such as "Atlantic/Azores", would fit'],
  ['America/New_York', 1, 'a zone of UTC-04:00 in winter, would fit'],
  ['Asia/Kolkata', -5, 'a zone of UTC+00:30 in winter, would fit'],
] as const) {
  test(`a clock that is ${hoursAhead} h ahead when taken for ${zone}: ${hint}`, () => {
    assert.equal(zoneHint(zone, hoursAhead, 2026), `client.time_zone is "${zone}": ${hint}`);
  });
}
