// Entry of the engine process. Everything it does is in host-main.ts, so that tests can start it with other ports.
import { startHost } from './host-main.ts'

startHost()
