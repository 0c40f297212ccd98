using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Samples;

var builder = WebApplication.CreateBuilder(args);

// A model of the configuration, or else a stand-in (StandIn.cs).
builder.Services.AddWeftModels(builder.Configuration);
builder.Services.TryAddSingleton<IChatClient>(new StandInModel(StandIn.Answer));

switch (args.FirstOrDefault())
{
    case "1":
        await Part1BasicChatbot.RunAsync(Model());
        break;
    case "2":
        await Part2Tools.RunAsync(Model());
        break;
    case "3":
        await Part3Memory.RunAsync(Model());
        break;
    case "4":
        await Part4HumanInTheLoop.RunAsync(Model());
        break;
    case "5":
        await Part5CustomState.RunAsync(Model());
        break;
    case "6":
        await Part6TimeTravel.RunAsync(Model());
        break;
    case "7":
        await Part7Serving.RunAsync(builder);
        break;
    default:
        Console.WriteLine("Name a part, 1 to 7: dotnet run --project samples/Chatbot -- 1");
        break;
}

IChatClient Model() => builder.Build().Services.GetRequiredService<IChatClient>();
