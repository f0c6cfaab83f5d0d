import { registerHooks } from 'node:module'
import { readFile } from 'node:fs/promises'
import { basename, dirname, relative } from 'node:path'
import { pathToFileURL } from 'node:url'

import { definitionError } from '#definitions/definition-error.ts'
import { sha256 } from '#kernel/hash.ts'

const millrace = import.meta.resolve('millrace')
let isHooked = false

/** Packs import `millrace` wherever they lie, also where no package of that name can be found. */
function hookMillrace(): void {
  if (isHooked) return
  isHooked = true
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'millrace' ? { url: millrace, shortCircuit: true } : next(specifier, context),
  })
}

/** The default export of a declaring module, read anew whenever the file's text has changed. */
export async function importDeclaration(path: string, file: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  return importDefault(`${pathToFileURL(path).href}?text=${sha256(text).slice(0, 16)}`, file)
}

export interface Bundle {
  /** One ES module that imports `millrace` and `node:` modules only. */
  readonly code: string
  /** Identity of all the source files that went into it. */
  readonly sourcesSha256: string
  readonly declaration: unknown
}

/** A module with everything that it imports, as it is sent to an engine child. */
export async function bundleModule(path: string, file: string): Promise<Bundle> {
  const { rolldown } = await import('rolldown')
  const sources = new Set<string>()
  let code: string
  try {
    const build = await rolldown({
      input: path,
      cwd: dirname(path),
      external: ['millrace', /^node:/],
      platform: 'node',
      logLevel: 'silent',
      // Names of files in comments would give one module another identity in another folder.
      experimental: { attachDebugInfo: 'none' },
      plugins: [
        {
          name: 'millrace-sources',
          load: (id) => {
            if (!id.startsWith('\0')) sources.add(id)
            return null
          },
        },
      ],
    })
    const { output } = await build.generate({
      format: 'esm',
      comments: false,
      codeSplitting: false,
    })
    await build.close()
    code = output[0].code
  } catch (error) {
    throw definitionError({ file }, messageOf(error), 'Correct the module, or what it imports.', {
      cause: error,
    })
  }
  const folder = dirname(path)
  const texts = await Promise.all(
    [...sources]
      .toSorted()
      .map(async (id) => `${relative(folder, id)}\n${sha256(await readFile(id, 'utf8'))}\n`),
  )
  const address = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  return {
    code,
    sourcesSha256: sha256(`${basename(path)}\n${texts.join('')}`),
    declaration: await importDefault(address, file),
  }
}

async function importDefault(address: string, file: string): Promise<unknown> {
  hookMillrace()
  let module: { readonly default?: unknown }
  try {
    module = (await import(address)) as { readonly default?: unknown }
  } catch (error) {
    throw definitionError(
      { file },
      `importing the module: ${messageOf(error)}`,
      'Correct the module; a declaration is plain data and does nothing when it is imported.',
      { cause: error },
    )
  }
  if (module.default === undefined) {
    throw definitionError(
      { file },
      'the module has no default export',
      'Write "export default defineSource({ … })", or move shared code to a folder of its own.',
    )
  }
  return module.default
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 12).join('\n')
}
