/** A process believes for a second what a session was. */
const BELIEVED_MS = 1_200

/** After a change of the viewer's session: until every process has seen it. */
export function untilSessionIsSeen(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, BELIEVED_MS))
}
