import { Body, Column, Container, Head, Html, Img, Link, Preview, Row, Section, Text } from '@react-email/components';
import * as React from 'react';

type Item = { title: string; detail: string; renews?: string; price: string };
type FruitReceiptProps = { email: string; invoice: string; orderedAt: Date; items: Item[]; total: number; paid: boolean };

const money = (cents: number) => `$${(cents / 100).toFixed(2)}`;

function Line({ item, last }: { item: Item; last: boolean }) {
  return (
    <Section style={{ borderBottom: last ? undefined : '1px solid #eee' }}>
      <Row>
        <Column style={{ width: '64px' }}><Img src="https://img.fruit.example/app.png" width="64" height="64" alt={item.title} /></Column>
        <Column style={{ paddingLeft: 22 }}><Text style={{ margin: 0, fontWeight: 600 }}>{item.title}</Text><Text>{item.detail}</Text>{item.renews && <Text>Renews {item.renews}</Text>}</Column>
        <Column align="right"><Text>{item.price}</Text></Column>
      </Row>
    </Section>
  );
}

export default function FruitReceipt({ email, invoice, orderedAt, items, total, paid }: FruitReceiptProps) {
  return (
    <Html lang="en">
      <Head><title>Your receipt from Fruit</title></Head>
      <Preview>Fruit Receipt</Preview>
      <Body style={{ fontFamily: 'Helvetica,Arial', backgroundColor: '#ffffff' }}>
        <Container style={{ width: 660 }}>
          <Text>{email} · {invoice} · {orderedAt.toISOString().slice(0, 10)}</Text>
          {items.map((item, at) => <Line key={at} item={item} last={at === items.length - 1} />)}
          <Text>TOTAL {money(total)}{paid ? null : ' due'}</Text>
          {items.length > 1 ? <Text>{items.length} things</Text> : <></>}
          <Link href="https://fruit.example/help?a=1&b=2">Help</Link>
        </Container>
      </Body>
    </Html>
  );
}

FruitReceipt.PreviewProps = {
  email: 'ana@example.com', invoice: 'A1', orderedAt: new Date('2026-01-18T10:00:00Z'), total: 1499, paid: true,
  items: [{ title: 'Storage & more', detail: '50 GB', renews: '1 Feb', price: '$0.99' }, { title: 'Game', detail: 'iOS', price: '$14.00' }],
} satisfies FruitReceiptProps;
