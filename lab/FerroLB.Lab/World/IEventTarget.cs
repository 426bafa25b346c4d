namespace FerroLB.Lab.World;

/// <summary>Something that the world can call back at a later instant.</summary>
public interface IEventTarget
{
    /// <summary>The instant has come. The code and the payload are those given when the event was scheduled.</summary>
    void Fire(int code, object? payload);
}
