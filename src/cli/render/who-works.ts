import { marks, paint, type Look } from '#cli/render/look.ts'

/** Where a command's operations ran. */
export interface Place {
  /** Of the server; null: in the process of the command. */
  readonly address: string | null
  /** Other processes may serve the same catalog. */
  readonly isShared: boolean
}

/** What carries out what was only queued or saved; nothing to say behind a server. */
export function renderWhoWorks(look: Look, place: Place, part: 'worker' | 'scheduler'): string[] {
  if (place.address !== null) return []
  const text = place.isShared
    ? `a process of this deployment with the part ${part} carries it out: \`millrace workers list\` shows which live`
    : 'nothing works on this home at the moment: `millrace serve` carries it out as long as it runs'
  return [`  ${paint(look, 'notice', marks.warning)} ${text}`]
}
