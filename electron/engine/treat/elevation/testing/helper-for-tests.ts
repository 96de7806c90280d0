// A program: the real helper, with a folder of the test for its journals and one for the installation. Started by helper.test.ts.
import { runHelper } from '../helper-program.ts'

const [base = '', installation = ''] = process.argv.slice(2)
await runHelper({ base, installation: [installation], shownPath: process.env.TREAT_HELPER_PATH ?? '' })
