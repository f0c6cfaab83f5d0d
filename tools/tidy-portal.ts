// Which folder of the portal may import which. Screens know what is below them and nothing of each other,
// so that one can be changed, or taken away, alone.

import { resolveImport } from './tidy-resolve.ts'

/** Each may import those before it. */
const ground: readonly string[] = ['browser', 'api', 'texts', 'ui', 'charts']
/** What several screens share, a subject each; they rest on the ground and know nothing of each other. */
const shared: readonly string[] = ['doors', 'intake', 'matrix', 'plan', 'receipts', 'rows']

/** What is wrong with an import of the portal; undefined: nothing. */
export function refusePortalImport(path: string, specifier: string): string | undefined {
  const target = resolveImport(path, specifier)
  if (target === undefined || /^#(charts|sdk)\//.test(specifier)) return undefined
  if (!target.startsWith('portal/src/')) {
    return `the portal does not import from outside of itself: "${specifier}"`
  }
  const [from, to] = [folderOf(path), folderOf(target)]
  if (target.endsWith('.css') || from === to || mayImport(from, to)) return undefined
  return `${from} of the portal may not import ${to} ("${specifier}")`
}

/** `ui`, `screens/runs`; of a file in no folder its own name. */
function folderOf(path: string): string {
  const [, , folder = '', name = ''] = path.split('/')
  return folder === 'screens' ? `${folder}/${name}` : folder
}

function mayImport(from: string, to: string): boolean {
  if (from === 'main.tsx') return true
  if (from === 'app') return to !== 'main.tsx'
  const below = ground.includes(from) ? ground.slice(0, ground.indexOf(from)) : ground
  if (below.includes(to)) return true
  return from.startsWith('screens/') && shared.includes(to)
}
