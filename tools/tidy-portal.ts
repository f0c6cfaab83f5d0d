// Which folder of the portal may import which. Screens know what is below them and nothing of each other,
// so that one can be changed, or taken away, alone.

import { resolveImport } from './tidy-resolve.ts'

/** What screens stand on; each may import those before it. From `intake` on each is of one subject. */
const below: readonly string[] = [
  'browser',
  'api',
  'texts',
  'ui',
  'charts',
  'intake',
  'rows',
  'plan',
  'matrix',
  'receipts',
  'doors',
  'sending',
]

/** What is wrong with an import of the portal; undefined: nothing. */
export function refusePortalImport(path: string, specifier: string): string | undefined {
  const target = resolveImport(path, specifier)
  if (target === undefined || /^#(charts|sdk)\//.test(specifier)) return undefined
  if (!target.startsWith('portal/src/')) {
    return `the portal does not import from outside of itself: "${specifier}"`
  }
  const [from, to] = [folderOf(path), folderOf(target)]
  if (target.endsWith('.css') || from === to || mayImport(from, to)) return undefined
  const stranger = [from, to].find((folder) => !isKnown(folder))
  if (stranger !== undefined) return `${stranger} is no room of the portal: give it a place in tidy`
  return `${from} of the portal may not import ${to} ("${specifier}")`
}

/** `ui`, `screens/runs`; of a file in no folder its own name. */
function folderOf(path: string): string {
  const [, , folder = '', name = ''] = path.split('/')
  return folder === 'screens' ? `${folder}/${name}` : folder
}

function isKnown(folder: string): boolean {
  return below.includes(folder) || /^(app$|screens\/|main\.tsx$)/.test(folder)
}

function mayImport(from: string, to: string): boolean {
  if (from === 'main.tsx') return true
  if (from === 'app') return to !== 'main.tsx'
  if (from.startsWith('screens/')) return below.includes(to)
  return below.slice(0, Math.max(0, below.indexOf(from))).includes(to)
}
