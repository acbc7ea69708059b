import { Body, Button, Column, Container, Head, Heading, Hr, Html, Img, Link, Preview, Row, Section, Text } from '@react-email/components';

interface StayReviewEmailProps {
  authorName?: string;
  authorImage?: string;
  reviewText?: string;
}

const baseUrl = process.env.VERCEL_URL ? `https://${process.env.VERCEL_URL}` : '';

export const StayReviewEmail = ({ authorName, authorImage, reviewText }: StayReviewEmailProps) => {
  const previewText = `Read ${authorName}'s review`;
  return (
    <Html>
      <Head />
      <Body style={main}>
        <Preview>{previewText}</Preview>
        <Container style={container}>
          <Section><Img src={`${baseUrl}/static/stay-logo.png`} width="96" height="30" alt="Stay" /></Section>
          <Section><Img src={authorImage} width="96" height="96" alt={authorName} style={{ borderRadius: '50%', margin: '0 auto' }} /></Section>
          <Row>
            <Heading as="h2" style={heading}>Here's what {authorName} wrote</Heading>
            <Text style={review}>{reviewText}</Text>
            <Button style={button} href="https://stay.example/">Send My Feedback</Button>
          </Row>
          <Hr />
          <Row>
            <Column style={{ width: '50%' }}><Link href="https://stay.example/help" style={link}>Help</Link></Column>
            <Column><Link href="https://stay.example/faq" style={link}>FAQ</Link></Column>
          </Row>
        </Container>
      </Body>
    </Html>
  );
};

StayReviewEmail.PreviewProps = {
  authorName: 'Alex',
  authorImage: 'https://img.stay.example/alex.jpg',
  reviewText: `“Alan was a great guest! Easy communication & very clean.”`,
} as StayReviewEmailProps;

export default StayReviewEmail;

const main = { backgroundColor: '#ffffff', fontFamily: '"Helvetica Neue",sans-serif' };
const container = { margin: '0 auto', padding: '20px 0 48px', width: '580px', maxWidth: '100%' };
const heading = { fontSize: '32px', lineHeight: '1.3', fontWeight: '700', color: '#484848' };
const review = { padding: '24px', backgroundColor: '#f2f3f3', borderRadius: '4px' };
const button = { backgroundColor: '#ff5a5f', color: '#fff', padding: '19px 30px' };
const link = { color: '#b7b7b7', textDecoration: 'underline' };
