// Entry of the command line. The answer to --version comes before anything else is loaded.

import { millraceVersion } from '#kernel/version.ts'

const args = process.argv.slice(2)

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${millraceVersion()}\n`)
} else {
  // A reader that has seen enough (`| head`) closes the pipe: that ends us, quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const { runProcess } = await import('#cli/run-process.ts')
  process.exitCode = await runProcess(args)
}
