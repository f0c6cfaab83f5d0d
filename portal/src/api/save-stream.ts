import type { RowStream } from '#sdk/row-stream.ts'

/** Hands a file that was asked for over to the browser, under the name that the server gives it. */
export async function saveStream(stream: RowStream): Promise<void> {
  const blob = await stream.response.blob()
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = stream.fileName
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
