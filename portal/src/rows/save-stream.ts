import type { RowStream } from '#sdk/row-stream.ts'

/** Hands the bytes of an answer to the browser, to be kept as a file. */
export async function saveStream(stream: RowStream): Promise<void> {
  const bytes = await stream.bytes()
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: stream.contentType })
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = stream.fileName
  link.click()
  // The browser has taken it up by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
