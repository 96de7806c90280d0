// Files that are run at every start or login and download something which they run at once.
// Told by name and place; the same line in a guide or an installer is ordinary.
import { baseName, type Heuristic, suspicion } from './suspicion.ts'

const startNames =
  /^(?:\.bashrc|\.bash_profile|\.bash_login|\.profile|\.zshrc|\.zprofile|\.xprofile|rc\.local|crontab|anacrontab)$/
const startPlaces = /^\/(?:etc\/cron|var\/spool\/cron|etc\/profile\.d\/|etc\/init\.d\/)|\/\.config\/autostart\//
const downloadsAndRuns =
  /^[^#\n]{0,400}\b(?:curl|wget)\s[^\n|#]{1,300}\|\s{0,4}(?:sudo\s{1,4})?(?:\/bin\/)?(?:ba|da|z)?sh\b/m

export const downloadAtStart: Heuristic = ({ subject, text }) => {
  if (text === '' || !(startNames.test(baseName(subject.name)) || startPlaces.test(subject.path))) return null
  if (!(text.includes('curl') || text.includes('wget')) || !downloadsAndRuns.test(text)) return null
  return suspicion({
    threat: 'Persistence.DownloadAtStart',
    verdict: 'risky',
    because: 'Downloads something and runs it whenever the computer starts or somebody logs in.',
  })
}
