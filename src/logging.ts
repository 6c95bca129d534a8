import winston from 'winston';
import { JOURNAL_PRIORITY } from './service/journal.js';
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './model/ports.js';

/** Gives a labelled part of the program (an environment, a sink) a logger that leaves out what is below `level`. */
export type LogFor = (label: string, level: LogLevel) => Logger;

/**
 * Opens the log of the program: one line an event on standard error.
 * @param journal whether journald reads the lines: then they carry a priority instead of time and level
 */
export function openLog(journal: boolean): LogFor {
  const root = winston.createLogger({
    level: 'debug',
    format: journal ? printed('journal') : winston.format.combine(winston.format.timestamp(), printed('terminal')),
    transports: [new winston.transports.Console({ stderrLevels: [...LOG_LEVELS] })],
  });
  return (label, level) => {
    const logs = (one: LogLevel): boolean => LOG_LEVELS.indexOf(one) <= LOG_LEVELS.indexOf(level);
    // What is left out never reaches winston: a suppressed line costs it more than this function call.
    const write = (one: LogLevel) =>
      logs(one) ? (message: string, fields?: LogFields) => void root.log(one, message, { label, fields }) : () => undefined;
    return { debugs: logs('debug'), debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  };
}

function printed(destination: 'journal' | 'terminal'): winston.Logform.Format {
  return winston.format.printf((info) => {
    const level = info.level as LogLevel;
    const start = destination === 'journal' ? JOURNAL_PRIORITY[level] : `${String(info.timestamp)} ${level} `;
    // A line break in a text from outside would begin a line of its own, and forge one.
    const message = String(info.message).replaceAll(/\p{Cc}+/gu, ' ');
    return `${start}${String(info.label)}: ${message}${printFields(info.fields as LogFields | undefined)}`;
  });
}

function printFields(fields: LogFields = {}): string {
  const printed = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`,
  );
  return printed.length > 0 ? ` (${printed.join(', ')})` : '';
}
