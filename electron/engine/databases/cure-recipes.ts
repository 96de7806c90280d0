// Reads the recipes for disinfection in a folder of databases: JSON, one recipe a line. Each bad line is named, none is dropped.
// Never opens a file and never carries a recipe out.
import { CureRecipe } from '#shared/files/cure-recipe.ts'
import { eachLine } from './line-reader.ts'
import type { Rejected } from './signature-text.ts'

export interface RecipeText {
  readonly file: string
  readonly bytes: Buffer
}

export interface ReadRecipes {
  readonly recipes: CureRecipe[]
  readonly rejected: Rejected[]
}

const longestLine = 64 * 1024
const mostRecipes = 10_000

/** Lines that are empty or begin with `#` are none. */
export function readRecipes(files: readonly RecipeText[]): ReadRecipes {
  const recipes: CureRecipe[] = []
  const rejected: Rejected[] = []
  for (const { file, bytes } of files) {
    eachLine([bytes], (line, start, end, number) => {
      const reject = (problem: string): void => void rejected.push({ file, line: number, problem })
      if (end - start > longestLine) return reject(`longer than ${longestLine} bytes`)
      const text = line.toString('utf8', start, end).trim()
      if (text === '' || text.startsWith('#')) return
      const recipe = recipeOf(text)
      if (typeof recipe === 'string') reject(recipe)
      else if (recipes.length >= mostRecipes) reject('too many recipes')
      else recipes.push(recipe)
    })
  }
  return { recipes, rejected }
}

/** The recipe, or what is wrong with the line. */
function recipeOf(text: string): CureRecipe | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  const parsed = CureRecipe.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return `not a recipe: ${place}${issue?.message ?? ''}`.slice(0, 300)
}
