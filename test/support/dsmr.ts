import { closeTelegram } from '../../src/codecs/p1/encode.js';

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
  const power = (watts / 1_000).toFixed(3).padStart(6, '0');
  return closeTelegram(
    `/ISK5\\2M550T-0000

1-3:0.2.8(50)
0-0:1.0.0(${stamp})
0-0:96.1.1(31323334353637383930313233343536)
1-0:1.8.1(004426.593*kWh)
1-0:1.8.2(002399.248*kWh)
1-0:2.8.1(002444.910*kWh)
1-0:2.8.2(005600.311*kWh)
0-0:96.14.0(0002)
1-0:1.7.0(${power}*kW)
1-0:2.7.0(00.000*kW)
0-0:96.7.21(00013)
0-0:96.7.9(00003)
1-0:99.97.0(2)(0-0:96.7.19)(200508142432W)(0000011432*s)(210110031544W)(0000000301*s)
1-0:32.32.0(00002)
1-0:52.32.0(00002)
1-0:72.32.0(00001)
1-0:32.36.0(00001)
1-0:52.36.0(00001)
1-0:72.36.0(00001)
0-0:96.13.0()
1-0:32.7.0(229.7*V)
1-0:52.7.0(230.6*V)
1-0:72.7.0(231.2*V)
1-0:31.7.0(001*A)
1-0:51.7.0(000*A)
1-0:71.7.0(002*A)
1-0:21.7.0(${power}*kW)
1-0:41.7.0(00.000*kW)
1-0:61.7.0(00.000*kW)
1-0:22.7.0(00.000*kW)
1-0:42.7.0(00.000*kW)
1-0:62.7.0(00.000*kW)
0-1:24.1.0(003)
0-1:96.1.0(3132333435363738393031323334353637)
0-1:24.2.1(${stamp.slice(0, 8)}0000${stamp.slice(-1)})(01234.567*m3)
!`.replaceAll('\n', '\r\n'),
  );
}

/** The same, of one meter and one moment. */
export const DSMR_5 = Buffer.from(dsmr5());

/** A telegram of a Belgian meter (e-MUCS) with made-up numbers that imports `watts`, with its gas and water meters and a year of monthly peaks. */
export function fluvius(watts = 193, stamp = '260115120000W'): Uint8Array {
  const power = (watts / 1_000).toFixed(3).padStart(6, '0');
  const months = Array.from({ length: 13 }, (_, month) => `25${String(1 + (month % 12)).padStart(2, '0')}`);
  const peaks = months.map((month) => `(${month}01000000W)(${month}17114500W)(04.329*kW)`).join('');
  return closeTelegram(
    `/FLU5\\250000000_A

0-0:96.1.4(50217)
0-0:96.1.1(3153414731323334353637383930)
0-0:1.0.0(${stamp})
1-0:1.8.1(000934.034*kWh)
1-0:1.8.2(001515.758*kWh)
1-0:2.8.1(000000.000*kWh)
1-0:2.8.2(000000.011*kWh)
0-0:96.14.0(0001)
1-0:1.4.0(02.351*kW)
1-0:1.6.0(260109114500W)(02.589*kW)
0-0:98.1.0(13)(1-0:1.6.0)(1-0:1.6.0)${peaks}
1-0:1.7.0(${power}*kW)
1-0:2.7.0(00.000*kW)
1-0:21.7.0(${power}*kW)
1-0:41.7.0(00.000*kW)
1-0:61.7.0(00.000*kW)
1-0:22.7.0(00.000*kW)
1-0:42.7.0(00.000*kW)
1-0:62.7.0(00.000*kW)
1-0:32.7.0(234.7*V)
1-0:52.7.0(234.7*V)
1-0:72.7.0(234.7*V)
1-0:31.7.0(000.83*A)
1-0:51.7.0(000.00*A)
1-0:71.7.0(000.00*A)
0-0:96.3.10(1)
0-0:17.0.0(999.9*kW)
1-0:31.4.0(999*A)
0-0:96.13.0()
0-1:24.1.0(003)
0-1:96.1.1(37464C4F32313132333435363738)
0-1:24.4.0(1)
0-1:24.2.3(${stamp.slice(0, 8)}0000${stamp.slice(-1)})(00112.384*m3)
0-2:24.1.0(007)
0-2:96.1.1(3853414731323334353637383930)
0-2:24.2.1(${stamp.slice(0, 8)}0000${stamp.slice(-1)})(00872.234*m3)
!`.replaceAll('\n', '\r\n'),
  );
}
