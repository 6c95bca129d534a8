/** What the settings of a server are called, and the server itself. */
export interface ReasonNames {
  readonly url: string;
  readonly ca: string;
  readonly server: string;
  /** How URLs begin that are without TLS. */
  readonly plain: string;
}

const notTrusted = ({ ca }: ReasonNames): string =>
  `its certificate is not signed by an authority that is trusted here; ${ca} can name one`;
const notTls = ({ plain }: ReasonNames): string => `it does not speak TLS on this port; ${plain} is for that`;

const REASONS: Readonly<Record<string, (names: ReasonNames) => string>> = {
  ECONNREFUSED: ({ server, url }) => `nothing listens there; is ${server} running, and is ${url} right?`,
  ENOTFOUND: ({ url }) => `no host of this name is known; is ${url} right?`,
  EMFILE: () => 'this program has no file descriptors left',
  ENFILE: () => 'this host has no file descriptors left',
  EAI_AGAIN: () => 'the host name cannot be looked up; is the network up?',
  ETIMEDOUT: () => 'the host does not answer',
  EHOSTUNREACH: () => 'the host cannot be reached; is the network up?',
  ENETUNREACH: () => 'the network cannot be reached; is it up?',
  DEPTH_ZERO_SELF_SIGNED_CERT: notTrusted,
  SELF_SIGNED_CERT_IN_CHAIN: notTrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT: notTrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: notTrusted,
  CERT_HAS_EXPIRED: () => 'its certificate has expired',
  CERT_NOT_YET_VALID: () => "its certificate is not valid yet; is this host's clock right?",
  ERR_TLS_CERT_ALTNAME_INVALID: ({ url }) => `its certificate is for another host name than the one in ${url}`,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  EPROTO: notTls,
};

/** What the code of an error of Node's network or TLS means, in words that a user can act on; undefined when nothing more is known of it. */
export function networkReason(code: string, names: ReasonNames): string | undefined {
  return REASONS[code]?.(names);
}
