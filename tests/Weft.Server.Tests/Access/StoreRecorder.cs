using System.Reflection;

namespace Weft.Server.Tests.Access;

/// <summary>Stands before a store. It is public, because it is the base of types that are made at run time.</summary>
public class StoreRecorder : DispatchProxy
{
    private object? _store;

    public static object Of(Type service, object store)
    {
        var recorder = Create(service, typeof(StoreRecorder));
        ((StoreRecorder)recorder)._store = store;
        return recorder;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        RecordedStores.Add($"{targetMethod!.DeclaringType!.Name}.{targetMethod.Name}");
        return targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
