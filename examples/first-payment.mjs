// The README's first payment. Run it in the folder in which `npm start` runs: node examples/first-payment.mjs
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
const { bridge, merchantId, keyId, secret, notifyUrl } = JSON.parse(readFileSync(".valence/demo.json", "utf8"));
const order = { merchantOrderId: `A-${Date.now()}`, amount: 1050, currency: "CNY", subject: "Two coffees", notifyUrl };
const [path, body, timestamp, nonce] = ["/v1/orders", JSON.stringify(order), Math.floor(Date.now() / 1000), randomUUID()];
const signature = createHmac("sha256", secret).update(`POST\n${path}\n${timestamp}\n${nonce}\n${body}\n`).digest("base64");
const authorization = `VALENCE-HMAC-SHA256 merchant_id="${merchantId}",key_id="${keyId}",timestamp="${timestamp}",nonce="${nonce}",signature="${signature}"`;
const headers = { "content-type": "application/json", authorization };
console.log(await (await fetch(bridge + path, { method: "POST", headers, body })).json());
