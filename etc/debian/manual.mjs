/**
 * The manual page, from the table that `--help` is made of.
 * @param {Readonly<Record<string, { takes: string, does: readonly string[], help?: () => Promise<string> }>>} commands
 * @param {string} version
 * @param {Date} date
 * @returns {Promise<string>} groff, man(7)
 */
export async function manual(commands, version, date) {
  const details = Object.entries(commands).filter(([, { help }]) => help);
  const helps = await Promise.all(details.map(async ([name, { help }]) => [name, await help()]));
  return [
    `.TH SMART\\-METER\\-READER 1 ${date.toISOString().slice(0, 10)} "smart\\-meter\\-reader ${version}"`,
    '.SH NAME\nsmart\\-meter\\-reader \\- reads utility meters and publishes their values on MQTT',
    '.SH SYNOPSIS',
    ...Object.entries(commands).map(([name, { takes }]) => `.B smart\\-meter\\-reader ${text(name)}\n${text(takes)}\n.br`),
    '.SH DESCRIPTION\nAn\n.I environment\nis a file\n.IR environment .toml:\none meter and the places its values go to.',
    '.SH COMMANDS',
    ...Object.entries(commands).map(([name, { does }]) => `.TP\n.B ${text(name)}\n${text(capitalised(does.join(' ')))}.`),
    ...helps.map(([name, help]) => `.SS ${text(name)}\n.nf\n${text(help.trimEnd())}\n.fi`),
    REST,
  ].join('\n');
}

const REST = `.SH OPTIONS
.TP
.BI \\-\\-settings " folder"
Where the settings are; otherwise the first of ./settings and /etc/smart\\-meter\\-reader that has the environment.
.TP
.BR \\-h ", " \\-\\-help
Help; after a command, all about it.
.TP
.B \\-\\-version
The version.
.SH EXIT STATUS
0 done, 64 wrong usage, 70 an error in the program, 78 wrong settings.
.SH ENVIRONMENT
.TP
.B SMART_METER_ENVIRONMENT
The environment that
.B run
reads when it is given none.
.TP
.BR SMART_METER_ ...
A setting: its key in capitals, two underscores between levels, such as SMART_METER_CLIENT__ENCRYPTION_KEY.
.TP
.B STATE_DIRECTORY
Where it keeps what it has learned; otherwise ~/.local/state/smart\\-meter\\-reader.
.SH FILES
.TP
.I /etc/smart\\-meter\\-reader/default.toml
What all environments share.
.TP
.I /etc/smart\\-meter\\-reader/<environment>.toml
One meter. Every key is explained in the files that are there.
.TP
.I /etc/smart\\-meter\\-reader/<environment>.secrets.toml
Its keys and passwords, mode 0600.
.TP
.I /var/lib/smart\\-meter\\-reader/<environment>
What the service has learned.
.SH EXAMPLES
.nf
smart\\-meter\\-reader check t210
systemctl enable \\-\\-now smart\\-meter\\-reader@t210
journalctl \\-u smart\\-meter\\-reader@t210
.fi
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1),
.BR mosquitto_sub (1)
.br
The guide: /usr/lib/smart\\-meter\\-reader/README.md
`;

/** Text as groff prints it: a backslash begins a command, a hyphen would be typeset as one, and so does a line with a dot or an apostrophe. */
function text(plain) {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll(/^(?=[.'])/gm, '\\&');
}

function capitalised(sentence) {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
