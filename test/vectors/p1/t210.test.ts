import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interpreter } from '../../../src/clients/p1/interpreter.js';
import { encryptedDecoder } from '../../../src/codecs/p1/encrypted.js';
import { clientContext } from '../../support/client-context.js';
import { P1_SETTINGS, decode, KEYS, OTHER_KEYS } from '../../support/p1.js';

// A telegram of a T210-D-r with made-up values, keys and serial number, encrypted by another implementation (AESGCM of Python's package
// `cryptography`, tag cut to 12 bytes) and with a CRC16 computed bit by bit.
const frame = Buffer.from(
  `
  db0853414735001234568201f230010203049c9437234220d1b28aa74cf40c4cc8c42a775eb4f2006fb20fdad49da2db
  559b02f660ee6c823e44a4810357118a51e4b198c92a2f89eb8e4d5cb7fab6947c5b4522cdbb88e8050820a8d50cc16f
  688abbf3e890b9ee9e99255844af67b5ed6e5e3ce0080406925d148842f94deebdabde35abb5fe198220aced4a043d5b
  b31fa5b68b1d0feba8e5d4d17e968d3b555e92893e9cf1fbc96300f51c00f19678b3509134b32b9b1424a2a595371732
  ec67a7b7785869bec65b38cdcaca8613910a326a856ebcc8ecbdddd993426fb911d9db254c1e01c2391f383698d513f6
  ee64470caac1532f6de9972e1620f5e8ff26b89f404bc42e9833cbbe2e2195e28963087b2a7319e2c629dc736a65bcd3
  0b99c4a3915fc2485e8d7f4e805c948e0e2732b3d7799950348f430dbfdea56ed89afab8441f3caef2a5edf30f83b9ad
  f77da759458840f99f8d141cf79658997663eef0b53e4f5836d0b9796f9abfa3d88c8a96971335017b614f079e18b1f4
  604ecdd547dd69bad1171b7db74466ca1f803b64aa4ee962734a8aef02a32ba3ecea035c3c6d7bbe406a2449d8f12256
  ab032690564be203c9d2677a9a5e881d960858861dbb61b0b86c6df2eae457e8b1d01887a5e390da0cb7a15f486f37f9
  021a7f005edb6fb7b27648441106d44a277f714314c44d19543612562f7550
  `.replaceAll(/\s/g, ''),
  'hex',
);

const values = {
  'energy/imported-total': 12_345_678,
  'energy/used-tariff-1': 10_000_001,
  'energy/used-tariff-2': 2_345_677,
  'power/current-usage': 0,
  'energy/delivered-total': 987_654,
  'energy/delivered-tariff-1': 900_000,
  'energy/delivered-tariff-2': 87_654,
  'power/current-delivery': 3_210,
  'energy/reactive-imported-total': 12_321,
  'energy/reactive-imported-tariff-1': 10_000,
  'energy/reactive-imported-tariff-2': 2_321,
  'power/reactive-import': 45,
  'energy/reactive-exported-total': 654_321,
  'energy/reactive-exported-tariff-1': 600_000,
  'energy/reactive-exported-tariff-2': 54_321,
  'power/reactive-export': 0,
  'power/net-usage': -3_210,
  'identity/version': '50',
};

const ways = [
  ['verified', KEYS],
  ['with the encryption key alone', { encryptionKey: KEYS.encryptionKey }],
] as const;

for (const [way, keys] of ways) {
  test(`a T210 frame, ${way}, is a reading`, () => {
    const [finding, ...others] = decode(encryptedDecoder(keys), frame);
    assert.deepEqual(others, []);
    assert(finding?.kind === 'frame');
    assert.deepEqual(finding.frame.ciphering, { systemTitle: '5341473500123456', frameCounter: 0x01020304 });
    const [reading] = new Interpreter(clientContext(), P1_SETTINGS).interpret(finding, 0);
    assert(reading?.kind === 'reading');
    assert.deepEqual(reading.values, values);
    assert.equal(reading.measuredAt, Date.parse('2026-10-25T00:30:00Z'));
    assert.equal(reading.device.model, 'EST5\\253700000_A');
    assert.equal(reading.device.serial, '5341473500123456');
  });
}

for (const key of ['encryptionKey', 'authenticationKey'] as const) {
  test(`with another ${key} nothing comes out`, () => {
    const [finding] = decode(encryptedDecoder({ ...KEYS, [key]: OTHER_KEYS[key] }), frame);
    assert(finding?.kind === 'error');
    assert.equal(finding.what, key === 'encryptionKey' ? 'wrong-encryption-key' : 'wrong-authentication-key');
  });
}
