import type { Answer } from '../exchange.ts'
import { type Receipt, receiptPage, receiptPath, signedText } from './receipt.ts'

/** Signs the text of a receipt under the key published as `kid`. */
export interface ReceiptSigner {
  sign(text: string): { readonly kid: string; readonly signature: string }
}

/** `202` with the signed receipt. */
export function receiptAnswer(
  receipt: Receipt,
  { form, signer }: { readonly form: 'page' | 'json'; readonly signer: ReceiptSigner },
): Answer {
  const { kid, signature } = signer.sign(signedText(receipt))
  const signed = { ...receipt, signature: `v2.${kid}.${signature}` }
  const isPage = form === 'page'
  const text = isPage ? receiptPage(signed) : JSON.stringify({ receipt: signed })
  const body = new TextEncoder().encode(text)
  const headers = [
    'content-type',
    isPage ? 'text/html; charset=utf-8' : 'application/json',
    'content-length',
    String(body.length),
    'location',
    receiptPath(receipt.id),
    'cache-control',
    'no-store',
  ]
  return { status: 202, headers, body, outcome: { kind: 'absorbed' } }
}
