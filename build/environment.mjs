// The environment variables of the product, in one table, for `npm start -- --help`.
// The modules that read them own their meaning; this is only what a person is told.

const VARIABLES = [
  ['PORTAL_PORT', '4180', 'the port the portal listens on'],
  ['PORTAL_URL', 'http://localhost:<PORTAL_PORT>', 'the public address of the portal, used in mails and links'],
  ['PORTAL_DATA_DIR', "the platform's data folder", 'where the portal keeps its database and its outbox'],
  ['DATABASE_URL', 'the embedded database', 'a PostgreSQL server to use instead'],
  ['SMTP_URL', 'none: mails go to the outbox folder', 'the mail server'],
  ['MAIL_FROM', 'an address at the host of PORTAL_URL', "the sender of the portal's mails"],
  ['PORTAL_TRUSTED_PROXIES', 'none', 'addresses of proxies whose forwarded headers are believed'],
  ['PORTAL_LOG_LEVEL', 'info; warn under npm start', "how much the portal's log tells: error, warn, info, debug"],
  ['PROTECTION_DATA_DIR', "the platform's data folder", 'where the app keeps its state, databases and quarantine'],
  ['PROTECTION_PORTAL_URL', 'the portal started along with the app', 'the portal the app connects to'],
  ['PROTECTION_QUICK_AREAS', 'chosen for the platform', 'paths of the quick scan, as a path list'],
  ['PROTECTION_FULL_AREAS', 'chosen for the platform', 'paths of the full scan, as a path list'],
  ['PROTECTION_WATCHED_FOLDERS', 'places of the home folder', 'what file protection watches, as a path list'],
  ['ELECTRON_OVERRIDE_DIST_PATH', 'the runtime in node_modules', 'the folder of another Electron runtime'],
  ['APP_RUNTIME', 'whichever can be had', '"official" or "fallback": which Electron runtime to set up'],
]

/** The variables, aligned for a terminal. */
export function environmentHelp() {
  const width = Math.max(...VARIABLES.map(([name]) => name.length))
  return VARIABLES.map(
    ([name, standard, meaning]) => `  ${name.padEnd(width)}  ${meaning} (default: ${standard})`,
  ).join('\n')
}
