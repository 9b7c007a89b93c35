// The templates that every simulated WABA begins with. Together they have every component.
#pragma once

#include <string_view>

namespace parley::simulator {

/// Fixed ids, so that scripts can name them.
inline constexpr std::string_view kTemplateSeeds = R"json([
{"id":"1192339204654487","name":"hello_world","language":"en_US","status":"APPROVED","category":"MARKETING","components":[
 {"type":"HEADER","format":"TEXT","text":"Hello World"},
 {"type":"BODY","text":"Welcome and congratulations!! This message demonstrates your ability to send a message notification from the Cloud API. Thank you for taking the time to test with us."},
 {"type":"FOOTER","text":"Business Platform Team"}]},
{"id":"1667696820637468","name":"order_confirmation","language":"en_US","status":"APPROVED","category":"UTILITY","components":[
 {"type":"BODY","text":"Hi {{1}}, thank you for your order! Your confirmation number is {{2}}.","example":{"body_text":[["Ana","860198"]]}},
 {"type":"FOOTER","text":"Lucky Shrub: the succulent specialists"},
 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Where is it?"},{"type":"QUICK_REPLY","text":"Talk to us"}]}]},
{"id":"1667696820637469","name":"order_confirmation","language":"pt_BR","status":"APPROVED","category":"UTILITY","components":[
 {"type":"BODY","text":"Olá {{1}}, obrigado pelo seu pedido! O número de confirmação é {{2}}.","example":{"body_text":[["Ana","860198"]]}},
 {"type":"FOOTER","text":"Lucky Shrub: especialistas em suculentas"},
 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Onde está?"},{"type":"QUICK_REPLY","text":"Fale conosco"}]}]},
{"id":"1387372356726668","name":"sample_shipping_confirmation","language":"en_US","status":"APPROVED","category":"UTILITY","components":[
 {"type":"BODY","text":"Your package has been shipped. It will be delivered in {{1}}.","example":{"body_text":[["2 hours"]]}},
 {"type":"FOOTER","text":"This message is from an unverified business."}]},
{"id":"1470955527234565","name":"parcel_tracking","language":"en_US","status":"APPROVED","category":"UTILITY","components":[
 {"type":"HEADER","format":"TEXT","text":"Parcel {{1}}","example":{"header_text":["860198"]}},
 {"type":"BODY","text":"Hi {{1}}, your parcel comes {{2}}.","example":{"body_text":[["Ana","tomorrow"]]}},
 {"type":"FOOTER","text":"Lucky Shrub: the succulent specialists"},
 {"type":"BUTTONS","buttons":[
  {"type":"URL","text":"Track it","url":"https://www.example.com/track/{{1}}","example":["https://www.example.com/track/860198"]},
  {"type":"PHONE_NUMBER","text":"Call the courier","phone_number":"+15550783881"},
  {"type":"QUICK_REPLY","text":"Another day"}]}]},
{"id":"1625063511800527","name":"appointment_reminder","language":"en","status":"APPROVED","category":"UTILITY","parameter_format":"NAMED","components":[
 {"type":"HEADER","format":"TEXT","text":"See you soon"},
 {"type":"BODY","text":"Hello {{first_name}}, we look forward to seeing you on {{day}} at {{time}}.","example":{"body_text_named_params":[{"param_name":"first_name","example":"Ravi"},{"param_name":"day","example":"Monday"},{"param_name":"time","example":"9:30"}]}},
 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"I will come"},{"type":"QUICK_REPLY","text":"Another day"}]}]},
{"id":"1350788845398345","name":"purchase_feedback","language":"en_US","status":"APPROVED","category":"MARKETING","components":[
 {"type":"HEADER","format":"IMAGE","example":{"header_handle":["https://www.example.com/plant.jpg"]}},
 {"type":"BODY","text":"Thank you for purchasing {{1}}! We value your feedback and would like to learn more about your experience.","example":{"body_text":[["a succulent"]]}},
 {"type":"BUTTONS","buttons":[{"type":"URL","text":"Take survey","url":"https://www.example.com/survey"}]}]},
{"id":"1470955527234561","name":"invoice_ready","language":"en_US","status":"APPROVED","category":"UTILITY","components":[
 {"type":"HEADER","format":"DOCUMENT","example":{"header_handle":["https://www.example.com/invoice.pdf"]}},
 {"type":"BODY","text":"Dear {{1}}, here is your invoice over {{2}}.","example":{"body_text":[["Ana","USD 25.00"]]}},
 {"type":"FOOTER","text":"Payable within 14 days"}]},
{"id":"1470955527234562","name":"care_video","language":"en_US","status":"APPROVED","category":"MARKETING","components":[
 {"type":"HEADER","format":"VIDEO","example":{"header_handle":["https://www.example.com/care.mp4"]}},
 {"type":"BODY","text":"How to water your succulent, in one minute."},
 {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"More of this"}]}]},
{"id":"1470955527234563","name":"pickup_point","language":"en_US","status":"APPROVED","category":"UTILITY","components":[
 {"type":"HEADER","format":"LOCATION"},
 {"type":"BODY","text":"Hi {{1}}, your parcel waits for you here until Saturday.","example":{"body_text":[["Ana"]]}},
 {"type":"BUTTONS","buttons":[{"type":"PHONE_NUMBER","text":"Call the shop","phone_number":"+15550783881"}]}]},
{"id":"1470955527234564","name":"spring_coupon","language":"en_US","status":"APPROVED","category":"MARKETING","components":[
 {"type":"HEADER","format":"TEXT","text":"Spring is here"},
 {"type":"BODY","text":"Get {{1}} percent off everything with your code.","example":{"body_text":[["25"]]}},
 {"type":"FOOTER","text":"Until the end of April"},
 {"type":"BUTTONS","buttons":[
  {"type":"COPY_CODE","example":"SPRING25"},
  {"type":"URL","text":"Shop now","url":"https://www.example.com/shop"},
  {"type":"QUICK_REPLY","text":"Stop promotions"}]}]},
{"id":"1304694804498707","name":"winter_sale","language":"en_US","status":"PAUSED","category":"MARKETING","components":[
 {"type":"BODY","text":"Our winter sale is on: everything 20 percent off until Sunday."}]},
{"id":"1166414785519855","name":"free_money","language":"en_US","status":"REJECTED","rejected_reason":"SCAM","category":"MARKETING","components":[
 {"type":"BODY","text":"Click here for free money!"}]},
{"id":"1166414785519856","name":"new_opening_hours","language":"en_US","status":"PENDING","category":"UTILITY","components":[
 {"type":"BODY","text":"From {{1}} we open at {{2}}.","example":{"body_text":[["Monday","8:30"]]}}]}
])json";

}  // namespace parley::simulator
