type Ask = (
  method: 'POST',
  path: string,
  body: Readonly<Record<string, unknown>>,
) => Promise<unknown>

/** Rows that were sent. */
export const appendMakers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> = {
  async acknowledgement(ask, word) {
    const body = { note: `${word} note` }
    const answer = await ask('POST', '/v1/datasets/notes/rows', body)
    return (answer as { acknowledgement: string }).acknowledgement
  },
}
