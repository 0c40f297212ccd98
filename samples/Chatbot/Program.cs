using Weft.Samples;

var builder = WebApplication.CreateBuilder(args);
var model = SampleModel.Create(builder.Configuration, StandIn.Answer);

switch (args.FirstOrDefault())
{
    case "1":
        await Part1BasicChatbot.RunAsync(model);
        break;
    case "2":
        await Part2Tools.RunAsync(model);
        break;
    case "3":
        await Part3Memory.RunAsync(model);
        break;
    case "4":
        await Part4HumanInTheLoop.RunAsync(model);
        break;
    case "5":
        await Part5CustomState.RunAsync(model);
        break;
    case "6":
        await Part6TimeTravel.RunAsync(model);
        break;
    case "7":
        await Part7Serving.RunAsync(builder, model);
        break;
    default:
        Console.WriteLine("Name a part, 1 to 7: dotnet run --project samples/Chatbot -- 1");
        break;
}
