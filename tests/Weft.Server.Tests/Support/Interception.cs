using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests;

/// <summary>Holds back answers of a server's stores.</summary>
public static class Interception
{
    /// <summary>Replaces a store. The function gets the name of a method, its arguments and its answer.</summary>
    public static void Intercept<TStore>(this WeftBuilder weft, Func<string, object?[], object, object> answer)
        where TStore : class
    {
        var stored = weft.Services.Single(service => service.ServiceType == typeof(TStore));
        weft.Services.AddSingleton(provider =>
        {
            var store = DispatchProxy.Create<TStore, Proxy>();
            var proxy = (Proxy)(object)store;
            proxy.Store = ActivatorUtilities.CreateInstance(provider, stored.ImplementationType!);
            proxy.Answer = answer;
            return store;
        });
    }

    public class Proxy : DispatchProxy
    {
        internal object Store { get; set; } = null!;

        internal Func<string, object?[], object, object> Answer { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            try
            {
                return Answer(targetMethod!.Name, args!, targetMethod.Invoke(Store, args)!);
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
                throw;
            }
        }
    }
}
