export type {
  Call,
  CallOptions,
  ListCall,
  NamedCall,
  NamedStreamCall,
  OptionalCall,
  RowsToSend,
  StreamCall,
} from './call.ts'
export { createClient, type Client, type ClientOptions } from './client.ts'
export { MillraceError } from './error.ts'
export { parseExact, stringifyExact } from './exact-json.ts'
export type * from './operations.gen.ts'
export { RowStream, type Row } from './row-stream.ts'
