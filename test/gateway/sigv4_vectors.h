/*
 * Written by sigv4_vectors.py with botocore 1.43.11; the keys are made up.
 */
static const Vector vectors[] = {
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=d8dc8fe4bec62e72c61005d788eb22ffdc92279a8c13400e4a1c60fdf81f2234"}},
		"{\"QueueUrl\": \"http://sqs.eu-west-3.example:9324/123456789012/"
		"orders\", \"MessageBody\": \"hello\"}",
		93,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"presigned SendMessage",
		"GET", "/123456789012/orders",
		"Action=SendMessage&MessageBody=hello&Version=2012-11-05&X-Amz-Al"
		"gorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAQUEUEEXAMPLE0001%2"
		"F20260131%2Feu-west-3%2Fsqs%2Faws4_request&X-Amz-Date=20260131T2"
		"35959Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signatu"
		"re=068926177636413e810fe7e51eecf27d9472cc68a811ac73cc350fa79fcd1"
		"84b",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 3600, true
	},
	{
		"JSON CreateQueue /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.CreateQueue"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=71f76e5873b8ff51a2d2385a1234b32668ea6f162908a2863c986793897ceffb"}},
		"{\"QueueUrl\": \"q\", \"Number\": 0}",
		30,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "us-east-1", 0, false
	},
	{
		"form /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"x-amz-date", "20251209T080706Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0002/20251209/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=abd1e99b791512c1c3ae041283d90589fc40f060fb77a8cbd3ab17feb2f54b2e"}},
		"Action=CreateQueue&Version=2012-11-05&QueueName=q+%2B+0",
		55,
		"short",
		"AKIAQUEUEEXAMPLE0002",
		"20251209T080706Z", "eu-west-3", 0, false
	},
	{
		"JSON ListQueues /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.ListQueues"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20240229T000000Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0002/20240229/cn-north-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=c0854e8d1347c0534869de53e2b32adae23bec5a0bd03c7b2f6050deecaec7fd"}},
		"{\"QueueUrl\": \"q\", \"Number\": 1}",
		30,
		"short",
		"AKIAQUEUEEXAMPLE0002",
		"20240229T000000Z", "cn-north-1", 0, false
	},
	{
		"form /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=local.team-a_b/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=6ad69042fe5749a94f8ee512f5061161355405657f147e3ba882d2f1c0a0ebd3"}},
		"Action=ListQueues&Version=2012-11-05&QueueName=q+%2B+1",
		54,
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
		"local.team-a_b",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON ReceiveMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.ReceiveMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20251209T080706Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=local.team-a_b/20251209/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=456813644cb1defd4dda606de8f701f12500390567e7a7cbf30029613691d3c1"}},
		"{\"QueueUrl\": \"q\", \"Number\": 2}",
		30,
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
		"local.team-a_b",
		"20251209T080706Z", "eu-west-3", 0, false
	},
	{
		"form /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"x-amz-date", "20240229T000000Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20240229/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=44153aad864d865239c1a82d906feebc01b0b11fa96bf1bf1d9383c84940097f"}},
		"Action=ReceiveMessage&Version=2012-11-05&QueueName=q+%2B+2",
		58,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20240229T000000Z", "eu-west-3", 0, false
	},
	{
		"JSON DeleteMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.DeleteMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/local/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=5d46563424cc4d36c5153c619f209bfd6c71c500a0402edde7c46d2f2feeee56"}},
		"{\"QueueUrl\": \"q\", \"Number\": 3}",
		30,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "local", 0, false
	},
	{
		"form /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"x-amz-date", "20251209T080706Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0002/20251209/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=980d45afe098ae6d313ef13f4970a7e6aaff31b7e05fb8edb08a60ac6e191cb3"}},
		"Action=DeleteMessage&Version=2012-11-05&QueueName=q+%2B+3",
		57,
		"short",
		"AKIAQUEUEEXAMPLE0002",
		"20251209T080706Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessageBatch /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessageBatch"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20240229T000000Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0002/20240229/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=fc3df7dd7a61ea9e657f7da512f56fcdf308a0468e98ab17d9bd73bfd4eac908"}},
		"{\"QueueUrl\": \"q\", \"Number\": 4}",
		30,
		"short",
		"AKIAQUEUEEXAMPLE0002",
		"20240229T000000Z", "us-east-1", 0, false
	},
	{
		"form /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=local.team-a_b/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=27b5f7ccbcf5fb4698b6601649fdacdbb0931f8d0735901099115b054b86dc03"}},
		"Action=SendMessageBatch&Version=2012-11-05&QueueName=q+%2B+4",
		60,
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
		"local.team-a_b",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON PurgeQueue /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.PurgeQueue"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20251209T080706Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=local.team-a_b/20251209/cn-north-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=edb325bf2302e890cbe2b9ad6cd48878f4d3780cc2f8e8eb5abf0e854d8ad892"}},
		"{\"QueueUrl\": \"q\", \"Number\": 5}",
		30,
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
		"local.team-a_b",
		"20251209T080706Z", "cn-north-1", 0, false
	},
	{
		"form /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"x-amz-date", "20240229T000000Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20240229/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=11082dd890fffc261bd4b91d1bb2404cf96573b9260e7df03cb3373cff54f6a7"}},
		"Action=PurgeQueue&Version=2012-11-05&QueueName=q+%2B+5",
		54,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20240229T000000Z", "eu-west-3", 0, false
	},
	{
		"JSON TagQueue /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.TagQueue"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=4f1338ab4a257f93723511c81931efa033adb077f11eda9d3cd167e1d29a6fd9"}},
		"{\"QueueUrl\": \"q\", \"Number\": 6}",
		30,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"form /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"x-amz-date", "20251209T080706Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0002/20251209/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5f829202d83537cc2543db076cbbbb45ff686a8f5e320e17f8ff97a7cc427b47"}},
		"Action=TagQueue&Version=2012-11-05&QueueName=q+%2B+6",
		52,
		"short",
		"AKIAQUEUEEXAMPLE0002",
		"20251209T080706Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=80ad1e32c7c0159c0c83b0deb5fca10eddaa6deac016d341b7c4079fc516bbae"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=2f56b226c7398bf9f2f225ecab1772626813fd227c43ec043328bc9045893ea2"}},
		"\000\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017"
		"\020\021\022\023\024\025\026\027\030\031\032\033\034\035\036\037"
		" !\"#$%&'()*+,-./0123456789:;<=>\?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\"
		"]^_`abcdefghijklmnopqrstuvwxyz{|}~\177\200\201\202\203\204\205\206"
		"\207\210\211\212\213\214\215\216\217\220\221\222\223\224\225\226"
		"\227\230\231\232\233\234\235\236\237\240\241\242\243\244\245\246"
		"\247\250\251\252\253\254\255\256\257\260\261\262\263\264\265\266"
		"\267\270\271\272\273\274\275\276\277\300\301\302\303\304\305\306"
		"\307\310\311\312\313\314\315\316\317\320\321\322\323\324\325\326"
		"\327\330\331\332\333\334\335\336\337\340\341\342\343\344\345\346"
		"\347\350\351\352\353\354\355\356\357\360\361\362\363\364\365\366"
		"\367\370\371\372\373\374\375\376\377",
		256,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=4183a8ad084e705447b8970b14544e976e2cae35aaf83b6cb0a48e57efce6494"}},
		"\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
		"\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
		"\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
		"\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
		"",
		64,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=4059b27491c9f1c1c2a251316bf8d39fda458847588593d1a1c1e57b9e265e20"}},
		"\303\251\346\274\242\345\255\227\360\237\230\200 \015\012\011",
		16,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=5e62124ec2f80effaa9e1c5b9dd5e67debcec8f8929469a12b952ecf67de420d"}},
		"x",
		1,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=41bfdf262c62605e97cc1445c94a63edd15bce1ecf171eaf729a6b98cf6a2096"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		55,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=3589395aa9caf46c6981318aaad43570f63c60b343b53f944332ac3f9ba53420"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		56,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=bb4115d84c45a8798d3ccc2a2e0963e0b0fac30b889c5e48d22ea859027849a1"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		63,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=26665d6d56893b115f0971b54228a0c0f76ced12295a6df7547ccd6dda448853"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"",
		64,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=49e96bd9c986fe86d2284f92ebf386d8ba1e34019dd221aa36f089b36ee744e1"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"x",
		65,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=993177b97236f6441d4e8cc6a5d8d58c88bb74da6b66d3a9380bc6d33360df4e"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		700,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=56705c539db2c6b77366acc44c6223c078e37a7387d847480ca300207c9d7c62"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		1023,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=091ca59dcf2fb9f34517bffe8c5706cb7f76428b05ca38cbd8588d432d0892da"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"",
		1024,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=ac9b8334e753485f4524d7fc604cef83537bcff1be0126240ff377cf5af46473"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"x",
		1025,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=9f19876869facced021543b3dfb39482b1d7a344b844b8b17636569f17f06d6f"}},
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxx",
		2500,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /123456789012/orders",
		"POST", "/123456789012/orders",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=04c4d84d52df9c50615c0d60afa431233c1415a831a227681cdaa9dfa084501c"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /123456789012/orders.fifo",
		"POST", "/123456789012/orders.fifo",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=9a7cb881300d29a6733d1b3e3c35aae8f59e4c1ae1ab024b899c72f6c91003b3"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /123456789012/orders/",
		"POST", "/123456789012/orders/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=53734ca86fd9ae58c71e40c18b29dc53d37841bfcd2ccf47b69ea4e5f89b1839"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes //123456789012//orders",
		"POST", "//123456789012//orders",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=04c4d84d52df9c50615c0d60afa431233c1415a831a227681cdaa9dfa084501c"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /./123456789012/../123456789012/./orders"
		"",
		"POST", "/./123456789012/../123456789012/./orders",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=04c4d84d52df9c50615c0d60afa431233c1415a831a227681cdaa9dfa084501c"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /..",
		"POST", "/..",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=1de2c980267978e984616fd4c6c0c77483f08003ed067c7848b9e771fb4f170f"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a%20b",
		"POST", "/a%20b",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=23bcedc53970738b7034469c9e501d17fabef2f7a26312cb620c1dd49a6d27ff"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a%2Fb",
		"POST", "/a%2Fb",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=fe018c98a55f1468065ba9d4aba7291af2cef88d654a88af589b31dab2cac581"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /%E6%BC%A2",
		"POST", "/%E6%BC%A2",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=067a3812f7a9bc2d283de7461dc9d9090362148a9a09736c93cb0b05c71b013e"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a%2fb%7e",
		"POST", "/a%2fb%7e",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=d13e82928683d28621a24d303bf95fffd44631277be5e32391c41433694d578f"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a~b-c_d.e",
		"POST", "/a~b-c_d.e",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=e3bdc37038b5965c6cb0a7f6f9b3d1be4277b489a921ec2fc3796511fe0b3a7b"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a+b",
		"POST", "/a+b",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=030a3262891b3a74f65d69249db3d4e14abf0a32199ea4518d7ff6a3380d3a47"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a=b&c",
		"POST", "/a=b&c",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=99ac08b271ff4f1e594ab18504360e2f02161a53a32df83cf12a84a0f197f937"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a:b@c!$'()*,;",
		"POST", "/a:b@c!$'()*,;",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=428410d72e91e8c375fb0fa5c2e320361aee4f88bc36d9644be4025f2062c0bb"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /...",
		"POST", "/...",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=865d7c8ecf63c3e02720ed04a1fcc5be9d6011a4ade95d75b40bcb20a62431b2"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a/...",
		"POST", "/a/...",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=76a01df31c8b4a791d0b300c711da9c333a6876bcbc1b7ae7d6b28cdb471bc5b"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /.a",
		"POST", "/.a",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=68e290331a268035d249cfa05a4343cbb85acd2361ed267b7158eeace4a03f04"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a//",
		"POST", "/a//",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=eb78c96e2e9e543bc90649d5b2ab3de550e58fef5d3b38a5cf0eb6da0729d11b"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON GetQueueAttributes /a/../..//b/",
		"POST", "/a/../..//b/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.GetQueueAttributes"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=c2e351f5c7371542123bc76c4877f69ed83ce2dcb377417ade949b24817f02ea"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a=1",
		"GET", "/",
		"a=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=c7d430fbf78b6d48a182841f57f815bc8fefa43e9e62e73cdcc90289a271c46a"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a=1",
		"POST", "/q",
		"a=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=f4b798b48e9a5f6a5872616981a38f71745be0aa39e5e0d938bddeb18a77c9ca"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query b=2&a=1",
		"GET", "/",
		"b=2&a=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=327d7eacd708d3433e4bf73dfafeb1c58a89efaf429b8069ba602689d6d4b53a"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST b=2&a=1",
		"POST", "/q",
		"b=2&a=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=839f0a36eb03991f78508b2fa2079fb1c08c99ac771bbbdef8e439a06b76ffc1"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a=2&a=1",
		"GET", "/",
		"a=2&a=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=1e07895f6a8a768e34cc5252ca95e4f8ed3456387e591e23c8334e082c80576d"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a=2&a=1",
		"POST", "/q",
		"a=2&a=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=12ad7a37032a4f27feadef2b11724c271a5ea9e664bba2fd1e81a34aa867ddc0"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a=1&a-b=2&a.b=3&a%20b=4",
		"GET", "/",
		"a=1&a-b=2&a.b=3&a%20b=4",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=e9daa28828616c218204a2da2b45c8c0539c7ada07625b251a7eed917d9d2fc6"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a=1&a-b=2&a.b=3&a%20b=4",
		"POST", "/q",
		"a=1&a-b=2&a.b=3&a%20b=4",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=d6c373a2dd2fb9a2ebeb80e3e5863a63e0906d36f68cfd9337835d4c56322ffe"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a",
		"GET", "/",
		"a",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=23672f50fccfd3fe22efe3518fbf3824c2ba7b6b358382e23251a62a571bc7aa"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a",
		"POST", "/q",
		"a",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=113bbba7bc3114392287456e6b94f956a3e26995f421ca7b4423d8255ddf8dca"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a=&b",
		"GET", "/",
		"a=&b",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=c7de067567824dc47ba0ad20e7f59d32003b38aab42ec3677d0e5301f78ee916"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a=&b",
		"POST", "/q",
		"a=&b",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=27732fefba1ff3d220bed86ccee6d95f00eb413ab84aa307663e4efcfdbaf251"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query %C3%A9=%F0%9F%98%80",
		"GET", "/",
		"%C3%A9=%F0%9F%98%80",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=b7523c0d3dc149bb87b8ee25719387200cbe2261b237ae9aec2255de8c96a7fa"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST %C3%A9=%F0%9F%98%80",
		"POST", "/q",
		"%C3%A9=%F0%9F%98%80",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=7422276be3ef66cacf22e423648cb336a4965dbd4c8c768cd77c46ba83bf07a6"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query A=1&a=2&B=3&b=4",
		"GET", "/",
		"A=1&a=2&B=3&b=4",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=c457cafd04ac68fa0e1b841031db47287e8b088593a851e1aae31e294ec70c3e"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST A=1&a=2&B=3&b=4",
		"POST", "/q",
		"A=1&a=2&B=3&b=4",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=9806e635c95d7ba3c6474ce74947fbe458b121155e2620818242f243b463e6be"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a%2Bb=c%2Bd",
		"GET", "/",
		"a%2Bb=c%2Bd",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=74e5449cad076f3498d09da43178ceac458bc83752573dfe8e62d38a0ad3adc5"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a%2Bb=c%2Bd",
		"POST", "/q",
		"a%2Bb=c%2Bd",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=a98c2604bc60e26bcf591245f5700c5d0959ef3f41c0d5792ae5c453a6df7b63"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a%3Db=c%26d",
		"GET", "/",
		"a%3Db=c%26d",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=9dffcc88c95246535f80d586fa9bdf7a3c983a2fb9cf105e24ba3334334b5495"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a%3Db=c%26d",
		"POST", "/q",
		"a%3Db=c%26d",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ecee3eca422bb3bdbcd01ec852f738398351ce8d74a3e03e7f0445d35014a661"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query ~=~&_=_&-=-&.=.",
		"GET", "/",
		"~=~&_=_&-=-&.=.",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=9ad354c3d279024327311190e7a2d17978e6418e380736005dea22fd9e6da7a5"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST ~=~&_=_&-=-&.=.",
		"POST", "/q",
		"~=~&_=_&-=-&.=.",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=0e74a32ab909bcba975adad80a4c93cb5efca2e7f5b73e1a602533751c8d02a8"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query X-Amz-Meta=1",
		"GET", "/",
		"X-Amz-Meta=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=3698a5a76bd173db1e8ece97c49f5676323697e82d1d6844c394a51602901fa5"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST X-Amz-Meta=1",
		"POST", "/q",
		"X-Amz-Meta=1",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=4344f409d80bedb8547e16df99d1bc340d210ff39b8df53f2b92c519804e1f50"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query aa=1&a=2",
		"GET", "/",
		"aa=1&a=2",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=87bd5c68193d3605a788aa048d66c333f98180a11507f262d71ca6a95707131c"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST aa=1&a=2",
		"POST", "/q",
		"aa=1&a=2",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=9718c48388ceae75119189e5466bd6836ed5dfd0df819485a6045aadb71edd5c"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query a=1&a=%20&a=-&a=~",
		"GET", "/",
		"a=1&a=%20&a=-&a=~",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=26b743cdb56827bd2d7731da9e9a360bf3edd6e8c6e9ede38a4a017ae942f3cc"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"query of a POST a=1&a=%20&a=-&a=~",
		"POST", "/q",
		"a=1&a=%20&a=-&a=~",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ad4137d9c06fd5ce8a6fd648068e0bc8498f12a1d1451b3fc3e95884c8cb4f38"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-meta-blanks", "  a   b  \011 c "},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta-blanks;x-amz-target;x-amzn-query-mode, Signature=b8add9a774f0eb4771eca34eb614380370e0718d472afb96ab8aa1e66ee8d2d9"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-meta-empty", ""},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta-empty;x-amz-target;x-amzn-query-mode, Signature=566fd2bfd606ffb9071589bc4161f07aa63b6c1e4d609a7fca45caf69201c8d1"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-meta-blank", "   "},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta-blank;x-amz-target;x-amzn-query-mode, Signature=ac382df8c66daba7560929e72167a025f4d9b1073fb251832d7c1e28b7fcb5d5"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-meta-quoted", "a \"b   c\" d"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta-quoted;x-amz-target;x-amzn-query-mode, Signature=4ac732b46e6025e67a83633617b14c0b7be08e5dc883f404327285b0c673e21d"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-meta-many", "1"},
		{"x-amz-meta-many", " 2  3 "},
		{"x-amz-meta-many", "1"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta-many;x-amz-target;x-amzn-query-mode, Signature=cf97b9b185aa38d567e239fb23e543d66e76377d44de403f46a903371b98fbf1"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"zulu", "z"},
		{"alpha", "a"},
		{"x-amz-a", "1"},
		{"x-amz-a-b", "2"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=alpha;content-type;host;x-amz-a;x-amz-a-b;x-amz-date;x-amz-target;x-amzn-query-mode;zulu, Signature=b4d305025c19de073843165cc1fb7ce46b0f53f951712ad7f0d4bd9c1338377b"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-meta-long", "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta-long;x-amz-target;x-amzn-query-mode, Signature=7b7ec6a7e7c1b685ea0acc383d2b4781909973a521b5a4e53845e40ff8784a44"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-meta-00", "0"},
		{"x-amz-meta-01", "1"},
		{"x-amz-meta-02", "2"},
		{"x-amz-meta-03", "3"},
		{"x-amz-meta-04", "4"},
		{"x-amz-meta-05", "5"},
		{"x-amz-meta-06", "6"},
		{"x-amz-meta-07", "7"},
		{"x-amz-meta-08", "8"},
		{"x-amz-meta-09", "9"},
		{"x-amz-meta-10", "10"},
		{"x-amz-meta-11", "11"},
		{"x-amz-meta-12", "12"},
		{"x-amz-meta-13", "13"},
		{"x-amz-meta-14", "14"},
		{"x-amz-meta-15", "15"},
		{"x-amz-meta-16", "16"},
		{"x-amz-meta-17", "17"},
		{"x-amz-meta-18", "18"},
		{"x-amz-meta-19", "19"},
		{"x-amz-meta-20", "20"},
		{"x-amz-meta-21", "21"},
		{"x-amz-meta-22", "22"},
		{"x-amz-meta-23", "23"},
		{"x-amz-meta-24", "24"},
		{"x-amz-meta-25", "25"},
		{"x-amz-meta-26", "26"},
		{"x-amz-meta-27", "27"},
		{"x-amz-meta-28", "28"},
		{"x-amz-meta-29", "29"},
		{"x-amz-meta-30", "30"},
		{"x-amz-meta-31", "31"},
		{"x-amz-meta-32", "32"},
		{"x-amz-meta-33", "33"},
		{"x-amz-meta-34", "34"},
		{"x-amz-meta-35", "35"},
		{"x-amz-meta-36", "36"},
		{"x-amz-meta-37", "37"},
		{"x-amz-meta-38", "38"},
		{"x-amz-meta-39", "39"},
		{"x-amz-meta-40", "40"},
		{"x-amz-meta-41", "41"},
		{"x-amz-meta-42", "42"},
		{"x-amz-meta-43", "43"},
		{"x-amz-meta-44", "44"},
		{"x-amz-meta-45", "45"},
		{"x-amz-meta-46", "46"},
		{"x-amz-meta-47", "47"},
		{"x-amz-meta-48", "48"},
		{"x-amz-meta-49", "49"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-meta-00;x-amz-meta-01;x-amz-meta-02;x-amz-meta-03;x-amz-meta-04;x-amz-meta-05;x-amz-meta-06;x-amz-meta-07;x-amz-meta-08;x-amz-meta-09;x-amz-meta-10;x-amz-meta-11;x-amz-meta-12;x-amz-meta-13;x-amz-meta-14;x-amz-meta-15;x-amz-meta-16;x-amz-meta-17;x-amz-meta-18;x-amz-meta-19;x-amz-meta-20;x-amz-meta-21;x-amz-meta-22;x-amz-meta-23;x-amz-meta-24;x-amz-meta-25;x-amz-meta-26;x-amz-meta-27;x-amz-meta-28;x-amz-meta-29;x-amz-meta-30;x-amz-meta-31;x-amz-meta-32;x-amz-meta-33;x-amz-meta-34;x-amz-meta-35;x-amz-meta-36;x-amz-meta-37;x-amz-meta-38;x-amz-meta-39;x-amz-meta-40;x-amz-meta-41;x-amz-meta-42;x-amz-meta-43;x-amz-meta-44;x-amz-meta-45;x-amz-meta-46;x-amz-meta-47;x-amz-meta-48;x-amz-meta-49;x-amz-target;x-amzn-query-mode, Signature=24e605b538c263cda66a20964234fcdbc227890617452a75b9ca35b120e19d14"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"date", "Sat, 31 Jan 2026 23:59:59 -0000"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;date;host;x-amz-target;x-amzn-query-mode, Signature=f939c6e1455115c0f5af5716916e62df297d3dc0ad3246d491aed116015f5421"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"date", "Thu, 29 Feb 2024 00:00:00 -0000"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20240229/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;date;host;x-amz-target;x-amzn-query-mode, Signature=c0aa21748e56239c50b4ca067b1c0c5c2c63d951d50672e0e72f9c242f7f2301"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20240229T000000Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"date", "Tue, 09 Dec 2025 08:07:06 -0000"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20251209/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;date;host;x-amz-target;x-amzn-query-mode, Signature=1d24469077703d1c074c53381cb960f07e0fefbaf6749d322d941c2f7662be0c"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20251209T080706Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"x-amz-security-token", "made+up/token=="},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target;x-amzn-query-mode, Signature=3594ef70ca72c9ae38b68f37aee7a1f8aee2399b1238ed7452c705e0edc2655b"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"JSON SendMessage /",
		"POST", "/",
		"",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", "AmazonSQS.SendMessage"},
		{"x-amzn-query-mode", "true"},
		{"user-agent", "Boto3/1.40 md/Botocore#1.40"},
		{"x-amz-date", "20260131T235959Z"},
		{"authorization", "AWS4-HMAC-SHA256 Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode, Signature=2e744e651f5ae2cfb63bfe159b202df8b5740f92294bc7939132b9de18182fe2"},
		{"x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"},
		{"x-forwarded-for", "192.0.2.1"},
		{"accept", "*/*"}},
		"{}",
		2,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 0, false
	},
	{
		"presigned with little",
		"GET", "/",
		"Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent"
		"ial=AKIAQUEUEEXAMPLE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_req"
		"uest&X-Amz-Date=20260131T235959Z&X-Amz-Expires=3600&X-Amz-Signed"
		"Headers=host&X-Amz-Signature=badda8eb30b6fd20d547b46bfac0b8e3b67"
		"b40504bdceed13cc664efe51bba6f",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 3600, true
	},
	{
		"presigned for a second",
		"GET", "/",
		"Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent"
		"ial=AKIAQUEUEEXAMPLE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_req"
		"uest&X-Amz-Date=20260131T235959Z&X-Amz-Expires=1&X-Amz-SignedHea"
		"ders=host&X-Amz-Signature=3d4def3cb4dfa07602c8ff09bce351596a3213"
		"1460e65dc1e75a84eb6bc77a81",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 1, true
	},
	{
		"presigned for a week",
		"GET", "/",
		"Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent"
		"ial=AKIAQUEUEEXAMPLE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_req"
		"uest&X-Amz-Date=20260131T235959Z&X-Amz-Expires=604800&X-Amz-Sign"
		"edHeaders=host&X-Amz-Signature=c3ac12694b2fd8d2e57915f64c7db404e"
		"659eb0f243a42ad170a891fb38bb420",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 604800, true
	},
	{
		"presigned with a token",
		"GET", "/",
		"Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent"
		"ial=AKIAQUEUEEXAMPLE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_req"
		"uest&X-Amz-Date=20260131T235959Z&X-Amz-Expires=3600&X-Amz-Signed"
		"Headers=host&X-Amz-Security-Token=made%2Bup%2Ftoken%3D%3D&X-Amz-"
		"Signature=4c19800640ae4af410c090b6ee71500cc56cf991b269465c8d0419"
		"4c47767e94",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 3600, true
	},
	{
		"presigned with escapes",
		"GET", "/",
		"Action=SendMessage&MessageBody=a%20b%2Bc%26d%3D%C3%A9%2F~%0A%25&"
		"x=&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAQUEUEEX"
		"AMPLE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_request&X-Amz-Date"
		"=20260131T235959Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-"
		"Amz-Signature=dc6f6ffb5dbb4315450ab7d1059428ecfe9c353652fdf459f7"
		"9273282d2a6bc7",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 3600, true
	},
	{
		"presigned with more that is sorted before and after",
		"GET", "/",
		"Zulu=1&X-Amz-E=2&X-Amz-Signature-Not=3&a=4&X-Amz-Algorithm=AWS4-"
		"HMAC-SHA256&X-Amz-Credential=AKIAQUEUEEXAMPLE0001%2F20260131%2Fe"
		"u-west-3%2Fsqs%2Faws4_request&X-Amz-Date=20260131T235959Z&X-Amz-"
		"Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=f29b699961"
		"227a302fde55560903fcff6146fc890cfdec277264334b83896d33",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 3600, true
	},
	{
		"presigned with another key",
		"GET", "/",
		"Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent"
		"ial=local.team-a_b%2F20240229%2Fus-east-1%2Fsqs%2Faws4_request&X"
		"-Amz-Date=20240229T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeader"
		"s=host&X-Amz-Signature=74a8b40a1b9ee3beda9d12955144336dda51488a5"
		"5a820f7fbedb8ef808ebf03",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
		"local.team-a_b",
		"20240229T000000Z", "us-east-1", 3600, true
	},
	{
		"presigned with many parameters",
		"GET", "/",
		"MessageAttribute.0.Name=0&MessageAttribute.1.Name=1&MessageAttri"
		"bute.2.Name=2&MessageAttribute.3.Name=3&MessageAttribute.4.Name="
		"4&MessageAttribute.5.Name=5&MessageAttribute.6.Name=6&MessageAtt"
		"ribute.7.Name=7&MessageAttribute.8.Name=8&MessageAttribute.9.Nam"
		"e=9&MessageAttribute.10.Name=10&MessageAttribute.11.Name=11&Mess"
		"ageAttribute.12.Name=12&MessageAttribute.13.Name=13&MessageAttri"
		"bute.14.Name=14&MessageAttribute.15.Name=15&MessageAttribute.16."
		"Name=16&MessageAttribute.17.Name=17&MessageAttribute.18.Name=18&"
		"MessageAttribute.19.Name=19&MessageAttribute.20.Name=20&MessageA"
		"ttribute.21.Name=21&MessageAttribute.22.Name=22&MessageAttribute"
		".23.Name=23&MessageAttribute.24.Name=24&MessageAttribute.25.Name"
		"=25&MessageAttribute.26.Name=26&MessageAttribute.27.Name=27&Mess"
		"ageAttribute.28.Name=28&MessageAttribute.29.Name=29&MessageAttri"
		"bute.30.Name=30&MessageAttribute.31.Name=31&MessageAttribute.32."
		"Name=32&MessageAttribute.33.Name=33&MessageAttribute.34.Name=34&"
		"MessageAttribute.35.Name=35&MessageAttribute.36.Name=36&MessageA"
		"ttribute.37.Name=37&MessageAttribute.38.Name=38&MessageAttribute"
		".39.Name=39&MessageAttribute.40.Name=40&MessageAttribute.41.Name"
		"=41&MessageAttribute.42.Name=42&MessageAttribute.43.Name=43&Mess"
		"ageAttribute.44.Name=44&MessageAttribute.45.Name=45&MessageAttri"
		"bute.46.Name=46&MessageAttribute.47.Name=47&MessageAttribute.48."
		"Name=48&MessageAttribute.49.Name=49&MessageAttribute.50.Name=50&"
		"MessageAttribute.51.Name=51&MessageAttribute.52.Name=52&MessageA"
		"ttribute.53.Name=53&MessageAttribute.54.Name=54&MessageAttribute"
		".55.Name=55&MessageAttribute.56.Name=56&MessageAttribute.57.Name"
		"=57&MessageAttribute.58.Name=58&MessageAttribute.59.Name=59&Mess"
		"ageAttribute.60.Name=60&MessageAttribute.61.Name=61&MessageAttri"
		"bute.62.Name=62&MessageAttribute.63.Name=63&MessageAttribute.64."
		"Name=64&MessageAttribute.65.Name=65&MessageAttribute.66.Name=66&"
		"MessageAttribute.67.Name=67&MessageAttribute.68.Name=68&MessageA"
		"ttribute.69.Name=69&MessageAttribute.70.Name=70&MessageAttribute"
		".71.Name=71&MessageAttribute.72.Name=72&MessageAttribute.73.Name"
		"=73&MessageAttribute.74.Name=74&MessageAttribute.75.Name=75&Mess"
		"ageAttribute.76.Name=76&MessageAttribute.77.Name=77&MessageAttri"
		"bute.78.Name=78&MessageAttribute.79.Name=79&MessageAttribute.80."
		"Name=80&MessageAttribute.81.Name=81&MessageAttribute.82.Name=82&"
		"MessageAttribute.83.Name=83&MessageAttribute.84.Name=84&MessageA"
		"ttribute.85.Name=85&MessageAttribute.86.Name=86&MessageAttribute"
		".87.Name=87&MessageAttribute.88.Name=88&MessageAttribute.89.Name"
		"=89&MessageAttribute.90.Name=90&MessageAttribute.91.Name=91&Mess"
		"ageAttribute.92.Name=92&MessageAttribute.93.Name=93&MessageAttri"
		"bute.94.Name=94&MessageAttribute.95.Name=95&MessageAttribute.96."
		"Name=96&MessageAttribute.97.Name=97&MessageAttribute.98.Name=98&"
		"MessageAttribute.99.Name=99&MessageAttribute.100.Name=100&Messag"
		"eAttribute.101.Name=101&MessageAttribute.102.Name=102&MessageAtt"
		"ribute.103.Name=103&MessageAttribute.104.Name=104&MessageAttribu"
		"te.105.Name=105&MessageAttribute.106.Name=106&MessageAttribute.1"
		"07.Name=107&MessageAttribute.108.Name=108&MessageAttribute.109.N"
		"ame=109&MessageAttribute.110.Name=110&MessageAttribute.111.Name="
		"111&MessageAttribute.112.Name=112&MessageAttribute.113.Name=113&"
		"MessageAttribute.114.Name=114&MessageAttribute.115.Name=115&Mess"
		"ageAttribute.116.Name=116&MessageAttribute.117.Name=117&MessageA"
		"ttribute.118.Name=118&MessageAttribute.119.Name=119&MessageAttri"
		"bute.120.Name=120&MessageAttribute.121.Name=121&MessageAttribute"
		".122.Name=122&MessageAttribute.123.Name=123&MessageAttribute.124"
		".Name=124&MessageAttribute.125.Name=125&MessageAttribute.126.Nam"
		"e=126&MessageAttribute.127.Name=127&MessageAttribute.128.Name=12"
		"8&MessageAttribute.129.Name=129&MessageAttribute.130.Name=130&Me"
		"ssageAttribute.131.Name=131&MessageAttribute.132.Name=132&Messag"
		"eAttribute.133.Name=133&MessageAttribute.134.Name=134&MessageAtt"
		"ribute.135.Name=135&MessageAttribute.136.Name=136&MessageAttribu"
		"te.137.Name=137&MessageAttribute.138.Name=138&MessageAttribute.1"
		"39.Name=139&MessageAttribute.140.Name=140&MessageAttribute.141.N"
		"ame=141&MessageAttribute.142.Name=142&MessageAttribute.143.Name="
		"143&MessageAttribute.144.Name=144&MessageAttribute.145.Name=145&"
		"MessageAttribute.146.Name=146&MessageAttribute.147.Name=147&Mess"
		"ageAttribute.148.Name=148&MessageAttribute.149.Name=149&MessageA"
		"ttribute.150.Name=150&MessageAttribute.151.Name=151&MessageAttri"
		"bute.152.Name=152&MessageAttribute.153.Name=153&MessageAttribute"
		".154.Name=154&MessageAttribute.155.Name=155&MessageAttribute.156"
		".Name=156&MessageAttribute.157.Name=157&MessageAttribute.158.Nam"
		"e=158&MessageAttribute.159.Name=159&MessageAttribute.160.Name=16"
		"0&MessageAttribute.161.Name=161&MessageAttribute.162.Name=162&Me"
		"ssageAttribute.163.Name=163&MessageAttribute.164.Name=164&Messag"
		"eAttribute.165.Name=165&MessageAttribute.166.Name=166&MessageAtt"
		"ribute.167.Name=167&MessageAttribute.168.Name=168&MessageAttribu"
		"te.169.Name=169&MessageAttribute.170.Name=170&MessageAttribute.1"
		"71.Name=171&MessageAttribute.172.Name=172&MessageAttribute.173.N"
		"ame=173&MessageAttribute.174.Name=174&MessageAttribute.175.Name="
		"175&MessageAttribute.176.Name=176&MessageAttribute.177.Name=177&"
		"MessageAttribute.178.Name=178&MessageAttribute.179.Name=179&Mess"
		"ageAttribute.180.Name=180&MessageAttribute.181.Name=181&MessageA"
		"ttribute.182.Name=182&MessageAttribute.183.Name=183&MessageAttri"
		"bute.184.Name=184&MessageAttribute.185.Name=185&MessageAttribute"
		".186.Name=186&MessageAttribute.187.Name=187&MessageAttribute.188"
		".Name=188&MessageAttribute.189.Name=189&MessageAttribute.190.Nam"
		"e=190&MessageAttribute.191.Name=191&MessageAttribute.192.Name=19"
		"2&MessageAttribute.193.Name=193&MessageAttribute.194.Name=194&Me"
		"ssageAttribute.195.Name=195&MessageAttribute.196.Name=196&Messag"
		"eAttribute.197.Name=197&MessageAttribute.198.Name=198&MessageAtt"
		"ribute.199.Name=199&MessageAttribute.200.Name=200&MessageAttribu"
		"te.201.Name=201&MessageAttribute.202.Name=202&MessageAttribute.2"
		"03.Name=203&MessageAttribute.204.Name=204&MessageAttribute.205.N"
		"ame=205&MessageAttribute.206.Name=206&MessageAttribute.207.Name="
		"207&MessageAttribute.208.Name=208&MessageAttribute.209.Name=209&"
		"MessageAttribute.210.Name=210&MessageAttribute.211.Name=211&Mess"
		"ageAttribute.212.Name=212&MessageAttribute.213.Name=213&MessageA"
		"ttribute.214.Name=214&MessageAttribute.215.Name=215&MessageAttri"
		"bute.216.Name=216&MessageAttribute.217.Name=217&MessageAttribute"
		".218.Name=218&MessageAttribute.219.Name=219&MessageAttribute.220"
		".Name=220&MessageAttribute.221.Name=221&MessageAttribute.222.Nam"
		"e=222&MessageAttribute.223.Name=223&MessageAttribute.224.Name=22"
		"4&MessageAttribute.225.Name=225&MessageAttribute.226.Name=226&Me"
		"ssageAttribute.227.Name=227&MessageAttribute.228.Name=228&Messag"
		"eAttribute.229.Name=229&MessageAttribute.230.Name=230&MessageAtt"
		"ribute.231.Name=231&MessageAttribute.232.Name=232&MessageAttribu"
		"te.233.Name=233&MessageAttribute.234.Name=234&MessageAttribute.2"
		"35.Name=235&MessageAttribute.236.Name=236&MessageAttribute.237.N"
		"ame=237&MessageAttribute.238.Name=238&MessageAttribute.239.Name="
		"239&MessageAttribute.240.Name=240&MessageAttribute.241.Name=241&"
		"MessageAttribute.242.Name=242&MessageAttribute.243.Name=243&Mess"
		"ageAttribute.244.Name=244&MessageAttribute.245.Name=245&MessageA"
		"ttribute.246.Name=246&MessageAttribute.247.Name=247&MessageAttri"
		"bute.248.Name=248&MessageAttribute.249.Name=249&MessageAttribute"
		".250.Name=250&MessageAttribute.251.Name=251&MessageAttribute.252"
		".Name=252&MessageAttribute.253.Name=253&MessageAttribute.254.Nam"
		"e=254&MessageAttribute.255.Name=255&MessageAttribute.256.Name=25"
		"6&MessageAttribute.257.Name=257&MessageAttribute.258.Name=258&Me"
		"ssageAttribute.259.Name=259&MessageAttribute.260.Name=260&Messag"
		"eAttribute.261.Name=261&MessageAttribute.262.Name=262&MessageAtt"
		"ribute.263.Name=263&MessageAttribute.264.Name=264&MessageAttribu"
		"te.265.Name=265&MessageAttribute.266.Name=266&MessageAttribute.2"
		"67.Name=267&MessageAttribute.268.Name=268&MessageAttribute.269.N"
		"ame=269&MessageAttribute.270.Name=270&MessageAttribute.271.Name="
		"271&MessageAttribute.272.Name=272&MessageAttribute.273.Name=273&"
		"MessageAttribute.274.Name=274&MessageAttribute.275.Name=275&Mess"
		"ageAttribute.276.Name=276&MessageAttribute.277.Name=277&MessageA"
		"ttribute.278.Name=278&MessageAttribute.279.Name=279&MessageAttri"
		"bute.280.Name=280&MessageAttribute.281.Name=281&MessageAttribute"
		".282.Name=282&MessageAttribute.283.Name=283&MessageAttribute.284"
		".Name=284&MessageAttribute.285.Name=285&MessageAttribute.286.Nam"
		"e=286&MessageAttribute.287.Name=287&MessageAttribute.288.Name=28"
		"8&MessageAttribute.289.Name=289&MessageAttribute.290.Name=290&Me"
		"ssageAttribute.291.Name=291&MessageAttribute.292.Name=292&Messag"
		"eAttribute.293.Name=293&MessageAttribute.294.Name=294&MessageAtt"
		"ribute.295.Name=295&MessageAttribute.296.Name=296&MessageAttribu"
		"te.297.Name=297&MessageAttribute.298.Name=298&MessageAttribute.2"
		"99.Name=299&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK"
		"IAQUEUEEXAMPLE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_request&X"
		"-Amz-Date=20260131T235959Z&X-Amz-Expires=3600&X-Amz-SignedHeader"
		"s=host&X-Amz-Signature=e8a25d15e88f3d7d4c569ed451e373f7d3e6426ca"
		"1a91d7d1370ef110fe1c024",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 3600, true
	},
	{
		"presigned with a header",
		"GET", "/",
		"Action=ListQueues&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent"
		"ial=AKIAQUEUEEXAMPLE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_req"
		"uest&X-Amz-Date=20260131T235959Z&X-Amz-Expires=60&X-Amz-SignedHe"
		"aders=accept%3Bhost%3Bx-amz-meta-a&X-Amz-Signature=699406d4def8d"
		"36a914abee0962492c7d12b459340f2d15450f7f02cc4bbf9c5",
		{{"host", "sqs.eu-west-3.example:9324"},
		{"x-amz-meta-a", "1"},
		{"accept", "application/json"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 60, true
	},
	{
		"presigned with nothing else",
		"GET", "/",
		"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAQUEUEEXAMP"
		"LE0001%2F20260131%2Feu-west-3%2Fsqs%2Faws4_request&X-Amz-Date=20"
		"260131T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-S"
		"ignature=212ff0057c4873ad61e639ee759a5e354e11538015fafd6b05f54f7"
		"e2328cd57",
		{{"host", "sqs.eu-west-3.example:9324"}},
		"",
		0,
		"3mV0/oYJ7dq+Wc1pXkT5hRzUe9LbSgNfA2iKxQ8v",
		"AKIAQUEUEEXAMPLE0001",
		"20260131T235959Z", "eu-west-3", 60, true
	},
};
