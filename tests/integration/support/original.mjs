// The database that users have from the script which Parley grew out of.
/** `unique`: some deployments have a unique index on whatsapp_message_id. */
export function originalScript({ unique = false } = {}) {
  return `
CREATE TABLE chat_conversations (
    id SERIAL PRIMARY KEY, phone_number_id VARCHAR(50) NOT NULL, customer_phone VARCHAR(50) NOT NULL,
    customer_name VARCHAR(255), last_message_at TIMESTAMP DEFAULT NOW(), unread_count INTEGER DEFAULT 0,
    created_at TIMESTAMP DEFAULT NOW());
CREATE INDEX idx_phone_customer ON chat_conversations(phone_number_id, customer_phone);
CREATE INDEX idx_last_message ON chat_conversations(last_message_at DESC);
CREATE TABLE chat_messages (
    id SERIAL PRIMARY KEY, conversation_id INTEGER REFERENCES chat_conversations(id) ON DELETE CASCADE,
    sender VARCHAR(20) NOT NULL, message TEXT NOT NULL, message_type VARCHAR(50) DEFAULT 'text', media_url TEXT,
    is_read BOOLEAN DEFAULT FALSE, whatsapp_message_id VARCHAR(255), created_at TIMESTAMP DEFAULT NOW());
CREATE INDEX idx_conversation_messages ON chat_messages(conversation_id, created_at);
CREATE ${unique ? 'UNIQUE ' : ''}INDEX idx_whatsapp_message_id ON chat_messages(whatsapp_message_id);
CREATE FUNCTION update_conversation_timestamp() RETURNS TRIGGER AS $$ BEGIN
    UPDATE chat_conversations SET last_message_at = NEW.created_at WHERE id = NEW.conversation_id; RETURN NEW; END; $$ LANGUAGE plpgsql;
CREATE TRIGGER trigger_update_conversation_timestamp AFTER INSERT ON chat_messages
    FOR EACH ROW EXECUTE FUNCTION update_conversation_timestamp();
`;
}
