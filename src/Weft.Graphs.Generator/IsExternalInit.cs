namespace System.Runtime.CompilerServices;

/// <summary>Lets the compiler make records; netstandard2.0 lacks it.</summary>
internal static class IsExternalInit;
