// npm run build:package: lays out build/package/ and build/sdk/, exactly what is published.
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
const sdkTarget = join(root, 'build', 'sdk')
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
  runCompiler('tsconfig.package.json')
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
  cpSync(join(root, 'build', 'portal'), join(target, 'dist', 'portal'), { recursive: true })
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

/** build/sdk/: the client, a package of its own without dependencies. */
function buildSdk(): void {
  const { version, license } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Manifest
  rmSync(sdkTarget, { recursive: true, force: true })
  runCompiler('tsconfig.sdk.json')
  const own = JSON.parse(readFileSync(join(root, 'sdk', 'package.json'), 'utf8')) as Manifest
  const manifest = { ...own, version, license }
  writeFileSync(join(sdkTarget, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  cpSync(join(root, 'sdk', 'README.md'), join(sdkTarget, 'README.md'))
  cpSync(join(root, 'LICENSE'), join(sdkTarget, 'LICENSE'))
}

function buildPortal(): void {
  const builder = join(root, 'tools', 'build-portal.ts')
  const { status } = spawnSync(process.execPath, [builder, '--if-changed'], { stdio: 'inherit' })
  if (status !== 0 || !existsSync(join(root, 'build', 'portal', 'index.html'))) {
    console.error('build:package: the portal could not be built, see above')
    process.exit(1)
  }
}

function runCompiler(project: string): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tools', project)], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status === 0) return
  console.error('build:package: the compiler refuses the code, see above')
  process.exit(1)
}

buildPortal()
compile()
copyAssets()
writeManifest()
buildSdk()
console.log(`${relative(root, target)}: ${globSync('**/*.*', { cwd: target }).length} files`)
