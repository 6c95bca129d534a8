/** Has SIGUSR2 block the event loop for ever, as a regular expression or a library that hangs would. */
process.on('SIGUSR2', () => {
  process.stderr.write('blocked\n');
  for (;;);
});
