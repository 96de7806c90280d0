// Where the look at one file may be interrupted: between the members of a container, between the windows of a large file.
// Types and values only; what happens there is the business of the thread that scans.

/**
 * To be called where nothing is held that may not wait. Gives back the ms that went by for something else: they are not the
 * file's, so its time limit moves by as much. Throws FileRecalled when the file is to be left; that must go through.
 */
export type PausePoint = () => number | Promise<number>

/** The scan was paused or stopped in the middle of the file: it will be looked at from its beginning, or not at all. */
export class FileRecalled extends Error {
  constructor() {
    super('the file was recalled')
    this.name = 'FileRecalled'
  }
}
