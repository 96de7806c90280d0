// Estimates how easily a password is guessed, with dictionaries that are loaded only when a password is chosen.
// Owns the loading; the rule that uses the estimate is in shared/domain/password-rules.ts.
import { useEffect, useState } from 'react'
import type { StrengthEstimate } from '#shared/domain/password-rules.ts'

let loading: Promise<StrengthEstimate> | undefined

/** Words a person would use for this product, so they count as common. */
const ownWords = ['kaspersky', 'mykaspersky', 'protection', 'antivirus', 'password']
const longestEstimated = 100

async function load(): Promise<StrengthEstimate> {
  const [core, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  const estimator = new core.ZxcvbnFactory({
    graphs: common.adjacencyGraphs,
    dictionary: { ...common.dictionary, ...english.dictionary },
    translations: english.translations,
  })
  return (password) => estimator.check(password.slice(0, longestEstimated), ownWords).score
}

/** The estimator once it is there; a failed load is tried again on the next use. */
export function useStrengthEstimate(): StrengthEstimate | undefined {
  const [estimate, setEstimate] = useState<StrengthEstimate>()
  useEffect(() => {
    let wanted = true
    loading ??= load()
    loading
      .then((loaded) => {
        if (wanted) setEstimate(() => loaded)
      })
      .catch(() => {
        loading = undefined
      })
    return () => {
      wanted = false
    }
  }, [])
  return estimate
}
