// Tells zod not to try code generation: the policy of our pages forbids it, and every try would be reported as a violation.
// Import it before anything that makes a schema.
import { z } from 'zod'

z.config({ jitless: true })
