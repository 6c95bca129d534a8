import { dsmr5Telegram } from '../../src/simulators/dsmr5.js';
import { fluviusTelegram } from '../../src/simulators/fluvius.js';

/** Characters of 7 bits with an even parity bit, as they arrive where 8 data bits are read. */
export function withEvenParity(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte.toString(2).replaceAll('0', '').length % 2 === 0 ? byte : byte | 0x80));
}

/** A telegram of DSMR 2.2 or 3.0, without a CRC16, of a meter with made-up numbers that imports `tens` times 10 W, and of its gas meter. */
export function dsmr3(tens = 98): Uint8Array {
  const power = String(tens).padStart(6, '0').replace(/..$/, '.$&');
  return Buffer.from(
    `/XMX5XMXABCE000012345

0-0:96.1.1(31323334353637383930313233343536)
1-0:1.8.1(00185.000*kWh)
1-0:1.8.2(00084.000*kWh)
1-0:2.8.1(00013.000*kWh)
1-0:2.8.2(00019.000*kWh)
0-0:96.14.0(0001)
1-0:1.7.0(${power}*kW)
1-0:2.7.0(0000.00*kW)
0-0:17.0.0(999*A)
0-0:96.3.10(1)
0-0:96.13.1()
0-0:96.13.0()
0-1:24.1.0(3)
0-1:96.1.0(3132333435363738393031323334353637)
0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)
(00124.477)
0-1:24.4.0(1)
!
`.replaceAll('\n', '\r\n'),
    'latin1',
  );
}

/** The same, of one meter and one moment. */
export const DSMR_3 = dsmr3();

/** A telegram of DSMR 5, of a meter with made-up numbers that imports `watts`, and of its gas meter. */
export function dsmr5(watts = 193, stamp = '260115120000W'): Uint8Array {
  return dsmr5Telegram(stamp, fullHour(stamp), {
    importWh: [4_426_593, 2_399_248],
    exportWh: [2_444_910, 5_600_311],
    tariff: 2,
    netW: watts,
    phases: [
      { watts, decivolts: 2_297, centiamperes: 100 },
      { watts: 0, decivolts: 2_306, centiamperes: 0 },
      { watts: 0, decivolts: 2_312, centiamperes: 200 },
    ],
    gasLitres: 1_234_567,
  });
}

/** The same, of one meter and one moment. */
export const DSMR_5 = Buffer.from(dsmr5());

/** A telegram of a Belgian meter (e-MUCS) with made-up numbers that imports `watts`, with its gas and water meters and a year of monthly peaks. */
export function fluvius(watts = 193, stamp = '260115120000W'): Uint8Array {
  return fluviusTelegram(stamp, fullHour(stamp), {
    importWh: [934_034, 1_515_758],
    exportWh: [0, 11],
    tariff: 1,
    netW: watts,
    phases: [
      { watts, decivolts: 2_347, centiamperes: 83 },
      { watts: 0, decivolts: 2_347, centiamperes: 0 },
      { watts: 0, decivolts: 2_347, centiamperes: 0 },
    ],
    demandW: 2_351,
    peak: { stamp: '260109114500W', watts: 2_589 },
    gasLitres: 112_384,
    waterLitres: 872_234,
  });
}

function fullHour(stamp: string): string {
  return `${stamp.slice(0, 8)}0000${stamp.slice(-1)}`;
}
