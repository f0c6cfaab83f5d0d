import { mailHealth } from '#catalog/health.ts'
import { ok, type Check } from '#operations/health/finding.ts'

/** Mail that has waited for longer is stuck. */
const STUCK_MS = 900_000

export const checkMail: Check = async ({ catalog, mailer }) => {
  const { queued, failed, oldestMs } = await catalog.asSystem(mailHealth)
  const remedy = '`millrace mail list` says why; `millrace mail test` sends one to try it.'
  if (queued > 0 && (oldestMs ?? 0) > STUCK_MS) {
    const minutes = Math.round((oldestMs ?? 0) / 60_000)
    const detail = `${queued} wait, the oldest for ${minutes} minutes`
    return { state: 'warning', detail, remedy }
  }
  if (failed > 0) {
    return { state: 'warning', detail: `${failed} could not be sent since yesterday`, remedy }
  }
  if (!mailer.isOn) return ok('not set up: links are shown to whoever asks for them')
  return ok(queued === 0 ? 'none waits' : `${queued} wait`)
}
