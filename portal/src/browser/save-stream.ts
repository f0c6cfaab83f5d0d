import type { RowStream } from '#sdk/row-stream.ts'

/**
 * Hands a file that was asked for over to the browser, to be kept: under the name that the server gives
 * it, where there is no better one.
 */
export async function saveStream(stream: RowStream, name = stream.fileName): Promise<void> {
  const address = URL.createObjectURL(await stream.response.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
