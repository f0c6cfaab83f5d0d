// npm run build:package: lays out build/package/, exactly what is published.
//
// Node refuses TypeScript inside node_modules, so src becomes dist/*.js + *.d.ts and packs are compiled
// in place. `#folder/file.ts` stays as it is written: the published manifest maps it to dist.

import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = dirname(import.meta.dirname)
const target = join(root, 'build', 'package')
const unshipped = ['/testdata/', '/node_modules/', '/.millrace/', '.DS_Store']

/** `new URL('./child.ts', import.meta.url)`: the one spelling that the compiler does not rewrite. */
const urlOfModule = /(new URL\(\s*(['"])\.{1,2}\/[^'"\n]+)\.ts(\2,\s*import\.meta\.url)/g

interface Manifest {
  readonly dependencies: Record<string, string>
  readonly overrides: Record<string, string>
  readonly [field: string]: unknown
}

function compile(): void {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const project = join(root, 'tools', 'tsconfig.package.json')
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error('build:package: the compiler refuses the code, see above')
    process.exit(1)
  }
  renameSync(join(target, 'src'), join(target, 'dist'))
  for (const file of globSync('{dist,packs}/**/*.js', { cwd: target })) {
    const path = join(target, file)
    const text = readFileSync(path, 'utf8')
    const rewritten = text.replace(urlOfModule, '$1.js$3')
    if (rewritten !== text) writeFileSync(path, rewritten)
  }
}

/** Copies what the code reads at run time: migrations, SQL, samples, texts. */
function copyAssets(): void {
  for (const [from, to] of [
    ['src', 'dist'],
    ['packs', 'packs'],
    ['bin', 'bin'],
  ] as const) {
    const folder = join(root, from)
    for (const file of globSync('**/*', { cwd: folder })) {
      const source = join(folder, file)
      const shipped = !unshipped.some((part) => `/${file}`.includes(part))
      if (!shipped || file.endsWith('.ts') || statSync(source).isDirectory()) continue
      cpSync(source, join(target, to, file))
    }
  }
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(target, file))
  }
}

function writeManifest(): void {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  const { scripts: _, devDependencies: __, overrides, ...kept } = own
  const manifest = {
    ...kept,
    // npm heeds the overrides of the topmost package only; as dependencies they hold there too.
    dependencies: { ...kept.dependencies, ...overrides },
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    imports: { '#*.ts': { types: './dist/*.d.ts', default: './dist/*.js' } },
  }
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

compile()
copyAssets()
writeManifest()
console.log(`${relative(root, target)}: ${globSync('**/*.*', { cwd: target }).length} files`)
