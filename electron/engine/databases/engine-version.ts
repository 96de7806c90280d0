// The engine's own version, for people; and its build, under which everything is kept that it concluded: a new engine never
// trusts what an old one concluded.

export const engineVersion = '1.0.0'

/** Put in by the build (build/engine-build.mjs). Tests run the sources as they are. */
declare const ENGINE_BUILD: string | undefined

export const engineBuild = typeof ENGINE_BUILD === 'string' ? ENGINE_BUILD : 'sources'
