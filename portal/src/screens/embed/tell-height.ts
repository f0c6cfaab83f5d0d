const GREETING = 'millrace-hello'
const ANSWER = 'millrace-height'

/**
 * Tells the page around how high this one is, once that page has greeted and is one of those that may
 * show it; nobody else is told anything. Returns the way to stop.
 */
export function tellHeight(box: HTMLElement, origins: readonly string[]): () => void {
  let listener: string | null = null
  const tell = () => {
    if (listener === null) return
    parent.postMessage({ type: ANSWER, height: Math.ceil(box.scrollHeight) }, listener)
  }
  const hear = (event: MessageEvent<unknown>) => {
    if (!mayListen(event, origins)) return
    listener = event.origin
    tell()
  }
  const observer = new ResizeObserver(tell)
  observer.observe(box)
  addEventListener('message', hear)
  // Whoever greeted before anybody could hear it does so again when it is told of this.
  for (const origin of origins) {
    if (parent !== window && ancestor() === origin)
      parent.postMessage({ type: 'millrace-ready' }, origin)
  }
  return () => {
    observer.disconnect()
    removeEventListener('message', hear)
  }
}

/** Only the page right around this one, at an origin that the view names. */
export function mayListen(
  event: Pick<MessageEvent<unknown>, 'data' | 'origin' | 'source'>,
  origins: readonly string[],
  around: unknown = parent,
): boolean {
  const said = event.data
  return (
    event.source === around &&
    origins.includes(event.origin) &&
    typeof said === 'object' &&
    said !== null &&
    'type' in said &&
    said.type === GREETING
  )
}

/** Origin of the page around, where the browser tells it; null: it does not. */
function ancestor(): string | null {
  const { ancestorOrigins } = location as { ancestorOrigins?: { readonly [at: number]: string } }
  return ancestorOrigins?.[0] ?? null
}
