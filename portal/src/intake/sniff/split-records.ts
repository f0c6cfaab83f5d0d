/** Records of CSV and their fields, at most `most`; quotes may hold delimiters and line ends. */
export function splitRecords(text: string, delimiter: string, most: number): string[][] {
  const records: string[][] = []
  let fields: string[] = []
  let field = ''
  let isQuoted = false
  const end = () => {
    fields.push(field)
    field = ''
  }
  for (let at = 0; at < text.length && records.length < most; at++) {
    const letter = text[at] as string
    if (isQuoted) {
      if (letter !== '"') field += letter
      else if (text[at + 1] === '"') {
        field += '"'
        at += 1
      } else isQuoted = false
    } else if (letter === '"' && field === '') isQuoted = true
    else if (letter === delimiter) end()
    else if (letter === '\n') {
      end()
      if (fields.length > 1 || fields[0] !== '') records.push(fields)
      fields = []
    } else if (letter !== '\r') field += letter
  }
  if (records.length < most && (field !== '' || fields.length > 0)) {
    end()
    records.push(fields)
  }
  return records
}
