import { ELSEWHERE } from './mqtt-certificates.js';
import { keySecret, passwordSecret, pemSecret, type Secrets } from './secrets.js';

/** The keys of the meter, made up: nothing else in a test resembles them. */
export const SECRET_KEYS = {
  encryptionKey: Uint8Array.from(Buffer.from('3b91e704c85dfa621fa970d68c25be43', 'hex')),
  authenticationKey: Uint8Array.from(Buffer.from('d82f6ab1540ec79369f5188ae03db72c', 'hex')),
} as const;

/** Has what TOML, JSON, URLs and shells escape. */
export const SECRET_PASSWORD = 'Korrekt "Pferd" / Batterie%7$Klammer';

/** The private key of our own certificate. */
export const SECRET_PEM = ELSEWHERE.key;

/** All that must appear nowhere. */
export const SECRETS: Secrets = {
  'encryption key': keySecret(SECRET_KEYS.encryptionKey),
  'authentication key': keySecret(SECRET_KEYS.authenticationKey),
  password: passwordSecret(SECRET_PASSWORD),
  'private key': pemSecret(SECRET_PEM),
};

/** A private key that lost its last lines, as by careless copying. */
export const CUT_PEM = SECRET_PEM.split('\n').slice(0, 3).join('\n');

/** A private key without its first line: it is taken for a path. */
export const HEADLESS_PEM = SECRET_PEM.split('\n').slice(1).join('\n');

/** A TOML text that needs no escapes: `'''` does not occur in secrets. */
export function literal(text: string): string {
  return `'''${text}'''`;
}
