import { phases, rows, SOURCES, type Common, type Row } from './row.js';

const { dsmr, dsmr3, emucs, lu, hu, lt, ie, ch } = SOURCES;

const CODE: Common = { node: 'supply', datatype: 'integer', quantity: 'code', kind: 'state' };
const CURRENT: Common = { node: 'supply', datatype: 'float', unit: 'A', quantity: 'current', kind: 'state' };
const POWER: Common = { node: 'supply', datatype: 'integer', unit: 'W', quantity: 'power', kind: 'state' };
const APPARENT: Common = { ...POWER, unit: 'VA', quantity: 'apparent-power' };
const TARIFF: Common = { ...CODE, node: 'tariff' };
const TARIFF_NAME: Common = { ...TARIFF, datatype: 'string' };
const MESSAGE: Common = { node: 'messages', datatype: 'string', quantity: 'text', kind: 'state' };
const IDENTITY: Common = { ...MESSAGE, node: 'identity', diagnostic: true };
const IDENTITY_CODE: Common = { ...IDENTITY, quantity: 'code' };

/** What the grid operator lets through. The limit comes as a current (DSMR 3), a power, or an apparent power (Luxembourg): its unit tells. */
export const SUPPLY_ROWS: readonly Row[] = [
  ...rows(CODE, [
    ['0-0:96.3.10', 'breaker', 'Breaker: 0 disconnected, 1 connected, 2 ready for reconnection', dsmr],
    ['0-1:96.3.10', 'relay-1', 'Relay 1: 0 off, 1 on', lu],
    ['0-2:96.3.10', 'relay-2', 'Relay 2: 0 off, 1 on', lu],
    ['0-3:96.3.10', 'relay-3', 'Relay 3: 0 off, 1 on', emucs],
    ['0-4:96.3.10', 'relay-4', 'Relay 4: 0 off, 1 on', emucs],
  ]),
  ...rows(POWER, [['0-0:17.0.0', 'limit', 'Limit of the power', dsmr]]),
  ...rows(CURRENT, [['0-0:17.0.0', 'limit-current', 'Limit of the current', dsmr3]]),
  ...rows(APPARENT, [['0-0:17.0.0', 'limit-apparent', 'Limit of the apparent power', lu]]),
  ...phases(CURRENT, [['1-0:{31}.4.0', 'fuse', 'Fuse', emucs]]),
  ...rows(CURRENT, [
    ['1-1:31.4.0', 'fuse-import', 'Fuse, for imported current', lu],
    ['1-1:31.4.0', 'fuse-export', 'Fuse, for exported current', `${lu}, second bracket`],
  ]),
];

/** Which of the tariffs counts now. Which number is the cheap one differs: 1 in the Netherlands, 2 in Belgium. */
export const TARIFF_ROWS: readonly Row[] = [
  ...rows(TARIFF, [['0-0:96.14.0', 'current', 'Current tariff', dsmr]]),
  ...rows(TARIFF_NAME, [['0-0:96.14.0', 'current-name', 'Current tariff, where it has a name', hu]]),
];

/** What the grid operator wants to say. */
export const MESSAGE_ROWS: readonly Row[] = rows(MESSAGE, [
  ['0-0:96.13.0', 'text', 'Message', dsmr],
  ['0-0:96.13.1', 'code', 'Message code', dsmr3],
  ['0-0:96.13.2', 'text-2', 'Message 2', lu],
  ['0-0:96.13.3', 'text-3', 'Message 3', lu],
  ['0-0:96.13.4', 'text-4', 'Message 4', lu],
  ['0-0:96.13.5', 'text-5', 'Message 5', lu],
]);

/** What the meter is. Codes stand as they are; texts are sent as the hexadecimal digits of their characters. */
export const IDENTITY_ROWS: readonly Row[] = [
  ...rows(IDENTITY_CODE, [
    ['1-3:0.2.8', 'version', 'Version of the P1 interface', dsmr],
    ['0-0:96.1.4', 'version', 'Version of the P1 interface', emucs],
  ]),
  ...rows(IDENTITY, [
    ['0-0:96.1.1', 'equipment-id', 'Equipment identifier', dsmr],
    ['0-0:96.1.0', 'equipment-id', 'Equipment identifier', hu],
    ['0-0:96.1.2', 'ean', 'EAN of the connection', emucs],
    ['0-0:42.0.0', 'logical-device-name', 'COSEM logical device name', lu],
  ]),
  ...rows(IDENTITY_CODE, [
    ['0-0:0.0.0', 'device-id', 'Device identifier', ch],
    ['1-0:0.0.0', 'electricity-id', 'Electricity identifier', ie],
    ['1-0:0.2.0', 'firmware', 'Firmware version', lt],
    ['1-0:0.2.8', 'firmware-signature', 'Firmware signature', lt],
    ['1-1:0.2.0', 'firmware-2', 'Firmware version of the application', lt],
    ['1-1:0.2.8', 'firmware-2-signature', 'Firmware signature of the application', lt],
  ]),
];
