public class Client { public static void main(String[] a) { System.out.println(software.amazon.awssdk.services.sqs.SqsClient.class); } }
