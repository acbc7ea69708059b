import { Body, Column, Container, Head, Heading, Hr, Html, Img, Link, Preview, Row, Section, Text } from '@react-email/components';
import type { CSSProperties } from 'react';

interface Address { name: string; lines: string[] }
interface ShoeReceiptProps { orderNumber: string; address: Address; items: { name: string; size: string; image: string }[]; recommended?: { title: string; image: string; url: string }[]; trackingUrl: string; note?: string | null }

const Pair = ({ left, right }: { left: React.ReactNode; right: React.ReactNode }) => (<Row><Column style={half}>{left}</Column><Column style={half}>{right}</Column></Row>);

export default function ShoeReceipt({ orderNumber, address, items, recommended = [], trackingUrl, note }: ShoeReceiptProps) {
  return (
    <Html>
      <Head />
      <Preview>Get your order summary, estimated delivery date and more</Preview>
      <Body style={{ backgroundColor: '#ffffff' }}>
        <Container style={{ margin: '10px auto', width: '600px', border: '1px solid #E5E5E5' }}>
          <Section style={{ backgroundColor: '#F7F7F7' }}><Pair left={<Text>Tracking Number</Text>} right={<Link href={trackingUrl}>Track Package</Link>} /></Section>
          <Heading as="h1">It&apos;s On Its Way.</Heading>
          <Text>{address.name}<br />{address.lines.map((line, at) => <span key={line}>{at > 0 && ', '}{line}</span>)}</Text>
          <Hr />
          {items.map(({ name, size, image }) => (
            <Row key={name}><Column><Img src={image} alt={name} width="260" /></Column><Column style={{ verticalAlign: 'top' }}><Text>{name}</Text><Text>Size {size}</Text></Column></Row>
          ))}
          <Pair left={<Text>Order Number</Text>} right={<Text>{orderNumber}</Text>} />
          {note ? <Text style={{ whiteSpace: 'pre-line' }}>{note}</Text> : null}
          {recommended.length > 0 && (<Section><Text>Top Picks For You</Text><Row>{recommended.map((one) => <Column key={one.title}><Link href={one.url}><Img src={one.image} alt={one.title} width="100%" /></Link><Text>{one.title}</Text></Column>)}</Row></Section>)}
        </Container>
      </Body>
    </Html>
  );
}

ShoeReceipt.PreviewProps = {
  orderNumber: 'C0106373851', trackingUrl: 'https://shoe.example/track/1', note: 'Leave it\nat the door', address: { name: 'Alan Turing', lines: ['2125 Chestnut St', 'San Francisco', 'CA 94123'] },
  items: [{ name: 'Brazil 2026 Stadium Away', size: 'L', image: 'https://img.shoe.example/a.png' }],
  recommended: [{ title: "Women's Court", image: 'https://img.shoe.example/b.png', url: 'https://shoe.example/b' }, { title: 'Goalie Pant', image: 'https://img.shoe.example/c.png', url: 'https://shoe.example/c' }],
} satisfies ShoeReceiptProps;

const half: CSSProperties = { width: '50%', verticalAlign: 'top', paddingRight: 10, msoPaddingAlt: 0 } as CSSProperties;
