// Entry of the product's main process.
import { startApp } from './app.ts'

startApp({})
